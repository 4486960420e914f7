-- What is deleted leaves the disk: names of accounts that have ended, blobs that nothing points to.

-- Below which entry the name of an account that has ended still stands in what it left behind; null: nowhere, or it stands.
ALTER TABLE accounts ADD COLUMN named_below BIGINT;
CREATE INDEX accounts_named ON accounts (named_below) WHERE named_below IS NOT NULL;
-- Whether something else points to a blob.
CREATE INDEX files_by_blob ON files (blob);
CREATE INDEX apps_by_blob ON apps (blob);
-- Who has ended lately: clients that keep names ask.
CREATE INDEX accounts_ended ON accounts (deleted_at) WHERE deleted_at IS NOT NULL;
