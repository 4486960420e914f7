-- Names that imported people had where they come from, and older secrets in the audit log.

-- An account is let in by one at login, as long as it is nobody else's.
CREATE TABLE former_names (
  account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  name TEXT NOT NULL,                    -- as it was written there
  key TEXT NOT NULL,                     -- its look-alike key
  PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX former_names_by_key ON former_names (key);

-- UtuVox wrote passwords and its admin key into its log, which came in as it was.
UPDATE audit SET detail = substr(detail, 1, instr(detail, '(new_password: ') + 14) || '[removed])'
  WHERE act = 'utuvox' AND instr(detail, '(new_password: ') > 0;
UPDATE audit SET detail = 'Changed admin key to [removed]'
  WHERE act = 'utuvox' AND detail LIKE 'Changed admin key to %';
