-- People: accounts that ended, friends and blocks, sanctions of rooms, resets; files of older systems.

ALTER TABLE accounts ADD COLUMN deleted_at INTEGER;   -- set: ended for good, nameless, found by no lookup

-- How `other` stands to `account`. Friends have a row each way; who blocks has one whatever the other thinks.
CREATE TABLE relations (
  account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  other INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('friend', 'requested', 'blocked')),
  since INTEGER NOT NULL,
  PRIMARY KEY (account, other)
) STRICT, WITHOUT ROWID;
CREATE INDEX relations_to ON relations (other);

CREATE TABLE sanctions (
  conversation INTEGER NOT NULL,
  account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('mute', 'ban')),
  until INTEGER NOT NULL,                -- the end of the year 9999: until it is lifted
  reason TEXT NOT NULL,
  by INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (conversation, account, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX sanctions_of_account ON sanctions (account);

CREATE TABLE resets (
  token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
  account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX resets_of_account ON resets (account);

ALTER TABLE files ADD COLUMN unique_name TEXT;         -- the name that an older system gave
CREATE UNIQUE INDEX files_by_unique_name ON files (unique_name) WHERE unique_name IS NOT NULL;

-- As before, without those who are gone.
DROP VIEW users;
CREATE VIEW users AS
  SELECT id, username, hash AS password_hash, titan_number, full_name,
         strftime('%Y-%m-%dT%H:%M:%S', created_at / 1000, 'unixepoch') AS created_at,
         strftime('%Y-%m-%dT%H:%M:%S', last_login / 1000, 'unixepoch') AS last_login,
         role = 'admin' AS is_admin, blog_url,
         CASE WHEN banned IS NULL THEN 'active' ELSE 'banned' END AS status
  FROM accounts WHERE deleted_at IS NULL;
CREATE TRIGGER users_changed INSTEAD OF UPDATE ON users BEGIN
  UPDATE accounts
  SET role = CASE WHEN NEW.is_admin THEN 'admin' ELSE 'user' END, full_name = NEW.full_name, blog_url = NEW.blog_url
  WHERE id = OLD.id;
END;
