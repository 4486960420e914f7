-- By which rule the keys of names were made: rows of before get today's when the house is next opened (`verbs/alike`).
ALTER TABLE house ADD COLUMN names INTEGER NOT NULL DEFAULT 0;
