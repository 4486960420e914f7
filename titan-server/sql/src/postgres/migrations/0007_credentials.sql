-- What an account is entered and won back by: see `../../sqlite/migrations/0009_credentials.sql`.

-- Set where somebody else made the password up: it has to be replaced by the account's own, and is good until then.
ALTER TABLE accounts ADD COLUMN made_up_until BIGINT;

-- A mail address that is not confirmed yet: no letter with a way in goes there. One of an account at most.
CREATE TABLE mail_changes (
  account BIGINT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  email TEXT NOT NULL,
  token_hash BYTEA NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  expires_at BIGINT NOT NULL
);
