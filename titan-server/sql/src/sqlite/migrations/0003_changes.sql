-- What a commit is known by, which house this is, and what a row said when it was written.

-- The writer's last transaction: each commit has one number, and what it changed is told in that order.
ALTER TABLE house ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
-- Made with the database and anew by a restore: what a client remembers of another epoch is no longer so.
ALTER TABLE house ADD COLUMN epoch TEXT NOT NULL DEFAULT '';
UPDATE house SET epoch = lower(hex(randomblob(16)));
-- What the pepper is known by that the passwords here were made with; empty until the first start that knows it.
ALTER TABLE house ADD COLUMN pepper TEXT NOT NULL DEFAULT '';

-- The oldest seq that is kept: a log is without a gap from there on. 0 while everything is.
ALTER TABLE conversations ADD COLUMN floor INTEGER NOT NULL DEFAULT 0;

-- The checksum of what the row says, made by the store; null in rows of before until they are next looked through.
ALTER TABLE entries ADD COLUMN sum INTEGER;
CREATE INDEX entries_unsummed ON entries (conversation, seq) WHERE sum IS NULL;
