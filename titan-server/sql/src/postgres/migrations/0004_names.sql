-- By which rule the keys of names were made: see `../../sqlite/migrations/0005_names.sql`.
ALTER TABLE house ADD COLUMN names BIGINT NOT NULL DEFAULT 0;
