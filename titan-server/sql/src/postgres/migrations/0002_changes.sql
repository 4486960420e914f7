-- Which house this is, and what a row said when it was written: see `../../sqlite/migrations/0003_changes.sql`.

-- Made with the database and anew by a restore: what a client remembers of another epoch is no longer so.
ALTER TABLE house ADD COLUMN epoch TEXT NOT NULL DEFAULT '';
UPDATE house SET epoch = replace(gen_random_uuid()::text, '-', '');
-- What the pepper is known by that the passwords here were made with; empty until the first start that knows it.
ALTER TABLE house ADD COLUMN pepper TEXT NOT NULL DEFAULT '';

-- The oldest seq that is kept: a log is without a gap from there on. 0 while everything is.
ALTER TABLE conversations ADD COLUMN floor BIGINT NOT NULL DEFAULT 0;

-- The checksum of what the row says, made by the store; null in rows of before until they are next looked through.
ALTER TABLE entries ADD COLUMN sum BIGINT;
CREATE INDEX entries_unsummed ON entries (conversation, seq) WHERE sum IS NULL;
