-- The audit log as a chain, with where each act was done: see `../../verbs/audit.rs`.

ALTER TABLE audit ADD COLUMN door TEXT;
ALTER TABLE audit ADD COLUMN address TEXT;
ALTER TABLE audit ADD COLUMN hash BLOB CHECK (length(hash) = 32);  -- over the row before and this one

-- The last row of it, and its hash; null while there is none. That the end was cut off shows by this.
ALTER TABLE house ADD COLUMN audit_row INTEGER;
ALTER TABLE house ADD COLUMN audit_hash BLOB CHECK (length(audit_hash) = 32);

-- Who somebody is says the number in `object`: a name would stay behind when its account is gone.
UPDATE audit SET detail = '' WHERE act IN ('add_account', 'delete_account');
UPDATE audit SET detail = substr(detail, instr(detail, ' from ') + 1)
  WHERE act = 'set_member_role' AND instr(detail, ' from ') > 0;
