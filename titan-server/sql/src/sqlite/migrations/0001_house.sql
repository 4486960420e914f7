-- The house: accounts, conversations and their logs, the repository. Kept to what SQLite 3.40 can read and write, since
-- operators use the sqlite3 of their system beside a running server. Times are milliseconds since 1970 UTC.

CREATE TABLE house (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  next_entry INTEGER NOT NULL            -- the next entry's id: never given twice, not even after a purge
) STRICT;
INSERT INTO house VALUES (1, 1);

CREATE TABLE accounts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  username TEXT NOT NULL UNIQUE,
  key TEXT NOT NULL UNIQUE,              -- names that look alike have one key
  folded TEXT NOT NULL,                  -- in lower case, to search by prefix
  titan_number INTEGER NOT NULL UNIQUE,
  full_name TEXT,
  email TEXT,
  blog_url TEXT,
  role TEXT NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'admin')),
  scheme TEXT NOT NULL CHECK (scheme IN ('titan', 'sha256', 'bcrypt', 'pbkdf2')),
  salt BLOB NOT NULL CHECK (length(salt) = 32),
  hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_login INTEGER,
  banned TEXT                            -- the reason
) STRICT;
CREATE INDEX accounts_by_name ON accounts (folded);

CREATE TABLE sessions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  door TEXT NOT NULL,
  address TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_of_account ON sessions (account);

CREATE TABLE address_bans (
  address TEXT PRIMARY KEY,
  reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  by INTEGER,                            -- null: the operator at the command line
  act TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;

CREATE TABLE conversations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  head INTEGER NOT NULL DEFAULT 0,       -- the last seq; written by the same commit as that entry
  active_at INTEGER,                     -- the last entry's time
  created_at INTEGER NOT NULL,
  deleted_at INTEGER,                    -- set: gone for everybody, its rows are purged in small steps
  members INTEGER NOT NULL DEFAULT 0     -- kept by the triggers below
) STRICT;

CREATE TABLE rooms (
  conversation INTEGER PRIMARY KEY REFERENCES conversations (id),
  name TEXT NOT NULL,
  key TEXT UNIQUE,                       -- null once deleted, so that the name is free
  description TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('text', 'voice')),
  password_hash TEXT,
  owner INTEGER                          -- null: the house's own
) STRICT;

CREATE TABLE directs (
  one INTEGER NOT NULL,
  other INTEGER NOT NULL CHECK (one <= other),
  conversation INTEGER NOT NULL UNIQUE REFERENCES conversations (id),
  PRIMARY KEY (one, other)
) STRICT, WITHOUT ROWID;

CREATE TABLE members (
  conversation INTEGER NOT NULL REFERENCES conversations (id),
  account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('member', 'moderator', 'owner')),
  joined_at INTEGER NOT NULL,
  read INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (conversation, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_of_account ON members (account);

CREATE TRIGGER member_counted AFTER INSERT ON members BEGIN
  UPDATE conversations SET members = members + 1 WHERE id = NEW.conversation;
END;
CREATE TRIGGER member_discounted AFTER DELETE ON members BEGIN
  UPDATE conversations SET members = members - 1 WHERE id = OLD.conversation;
END;

-- The logs, each conversation's entries side by side. Names are as they were then; no account is referred to, so that
-- history outlives everybody.
CREATE TABLE entries (
  conversation INTEGER NOT NULL,
  seq INTEGER NOT NULL CHECK (seq > 0),
  id INTEGER NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  author INTEGER NOT NULL,
  author_name TEXT NOT NULL,
  author_number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  client_id BLOB CHECK (client_id IS NULL OR length(client_id) = 16),
  text TEXT,                             -- of a message as it now stands; of an edit; null once deleted
  reply_to INTEGER,
  file INTEGER,
  edited INTEGER,                        -- the seq of the last edit
  deleted INTEGER NOT NULL DEFAULT 0,
  target INTEGER,                        -- of an edit, deletion, reaction
  detail TEXT,                           -- the body of the kinds that never change, as JSON
  PRIMARY KEY (conversation, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX entries_once ON entries (author, client_id) WHERE client_id IS NOT NULL;
CREATE INDEX entries_edits ON entries (conversation, target) WHERE kind = 'edit';

CREATE TABLE files (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  uploader INTEGER NOT NULL,
  uploader_name TEXT NOT NULL,
  uploader_number INTEGER NOT NULL,
  name TEXT NOT NULL,
  size INTEGER NOT NULL,
  blob BLOB NOT NULL CHECK (length(blob) = 32),
  at INTEGER NOT NULL,
  UNIQUE (conversation, seq)
) STRICT;

CREATE TABLE reactions (
  conversation INTEGER NOT NULL,
  target INTEGER NOT NULL,
  emoji TEXT NOT NULL,
  account INTEGER NOT NULL,
  seq INTEGER NOT NULL,                  -- of the entry that set it
  PRIMARY KEY (conversation, target, emoji, account)
) STRICT, WITHOUT ROWID;

CREATE TABLE mentions (
  account INTEGER NOT NULL,
  conversation INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (account, conversation, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX mentions_of_message ON mentions (conversation, seq);

-- Words of the messages. `place` holds one token, the conversation's, so that a search skips other people's talk inside
-- the index; it begins with U+E000, as no word does.
CREATE VIEW searchable AS
  SELECT id, text, char(57344) || conversation AS place FROM entries WHERE kind = 'message' AND deleted = 0;
CREATE VIRTUAL TABLE message_words USING fts5 (
  text, place, content = 'searchable', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);
-- Fewer, larger merges: a third less work while messages pour in, for a few more pieces to look into.
INSERT INTO message_words (message_words, rank) VALUES ('automerge', 8);

CREATE TABLE apps (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  folded TEXT NOT NULL,                  -- name and description in lower case, to search in
  category TEXT NOT NULL,
  version TEXT NOT NULL,
  author INTEGER NOT NULL,
  file_name TEXT NOT NULL,
  size INTEGER NOT NULL,
  blob BLOB NOT NULL CHECK (length(blob) = 32),
  metadata TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'approved', 'rejected')),
  decided_by INTEGER,
  decided_at INTEGER,
  reason TEXT,
  downloads INTEGER NOT NULL DEFAULT 0,
  uploaded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX apps_by_state ON apps (state);

-- Titan-Net's table, as its operators know it: UPDATE users SET is_admin = 1 WHERE username = 'admin'.
CREATE VIEW users AS
  SELECT id, username, hash AS password_hash, titan_number, full_name,
         strftime('%Y-%m-%dT%H:%M:%S', created_at / 1000, 'unixepoch') AS created_at,
         strftime('%Y-%m-%dT%H:%M:%S', last_login / 1000, 'unixepoch') AS last_login,
         role = 'admin' AS is_admin, blog_url,
         CASE WHEN banned IS NULL THEN 'active' ELSE 'banned' END AS status
  FROM accounts;
CREATE TRIGGER users_changed INSTEAD OF UPDATE ON users BEGIN
  UPDATE accounts
  SET role = CASE WHEN NEW.is_admin THEN 'admin' ELSE 'user' END, full_name = NEW.full_name, blog_url = NEW.blog_url
  WHERE id = OLD.id;
END;

-- The room everybody is in.
INSERT INTO conversations (id, created_at) VALUES (1, strftime('%s', 'now') * 1000);
INSERT INTO rooms (conversation, name, key, description, kind) VALUES (1, 'general', 'general', 'Everybody is here.', 'text');
