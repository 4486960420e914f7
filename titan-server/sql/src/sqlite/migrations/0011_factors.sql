-- How sessions are told apart, second factors, and app passwords.

-- What a session was opened with, as that says of itself; and by which app password, if by one.
ALTER TABLE sessions ADD COLUMN client TEXT;
ALTER TABLE sessions ADD COLUMN app_password INTEGER;
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- An account's secret for codes by time, sealed with a pepper; no code of `last_step` or before is good any more.
CREATE TABLE factors (
  account INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  sealed BLOB NOT NULL,
  pepper TEXT NOT NULL,
  since INTEGER NOT NULL,
  last_step INTEGER NOT NULL
) STRICT;

-- Codes for who has lost that, each good once; by their SHA-256, since they are 125 bits at random.
CREATE TABLE recovery_codes (
  account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (account, hash)
) STRICT, WITHOUT ROWID;

-- Passwords for one program or device each, 125 bits at random: by the SHA-256 of the text, and of what a client makes of it that
-- hashes with the account's salt first. `doors` is a list between blanks; an empty one is all.
CREATE TABLE app_passwords (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  doors TEXT NOT NULL,
  administers INTEGER NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  pre_hash BLOB NOT NULL CHECK (length(pre_hash) = 32),
  created_at INTEGER NOT NULL,
  last_used INTEGER,
  last_door TEXT
) STRICT;
CREATE INDEX app_passwords_of_account ON app_passwords (account);
