-- What accounts pile up, counted quickly; who opened a direct.

-- Until something is said there, a direct shows to this account alone; null: to both.
ALTER TABLE directs ADD COLUMN opener BIGINT;

CREATE INDEX rooms_of_owner ON rooms (owner) WHERE key IS NOT NULL;
-- That somebody fetched a file is noted once.
CREATE INDEX entries_fetched ON entries (conversation, author, detail) WHERE kind = 'file_fetched';
-- Bytes that an account keeps here.
CREATE INDEX files_of_uploader ON files (uploader, conversation, size);
CREATE INDEX apps_of_author ON apps (author, size);
