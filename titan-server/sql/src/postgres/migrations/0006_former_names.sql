-- Names that imported people had, and older secrets in the audit log: see `../../sqlite/migrations/0007_former_names.sql`.

-- An account is let in by one at login, as long as it is nobody else's.
CREATE TABLE former_names (
  account BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  name TEXT COLLATE "C" NOT NULL,        -- as it was written there
  key TEXT COLLATE "C" NOT NULL,         -- its look-alike key
  PRIMARY KEY (account, name)
);
CREATE INDEX former_names_by_key ON former_names (key);

-- UtuVox wrote passwords and its admin key into its log, which came in as it was.
UPDATE audit SET detail = left(detail, position('(new_password: ' IN detail) + 14) || '[removed])'
  WHERE act = 'utuvox' AND position('(new_password: ' IN detail) > 0;
UPDATE audit SET detail = 'Changed admin key to [removed]'
  WHERE act = 'utuvox' AND detail LIKE 'Changed admin key to %';
