-- Words that the store cuts itself, beside the logs: see `../../sqlite/migrations/0004_words.sql`.

-- Messages from this id on are in the index of words; the store adds those of before in small steps, the newest first.
ALTER TABLE house ADD COLUMN words_from BIGINT NOT NULL DEFAULT 0;
UPDATE house SET words_from = next_entry;

DROP INDEX entries_words;
ALTER TABLE entries DROP COLUMN words;

-- Of each message that stands: its words without their places. Neighbours are looked for in the messages that have them all.
CREATE TABLE message_words (
  id BIGINT PRIMARY KEY,
  conversation BIGINT NOT NULL,
  words TSVECTOR NOT NULL
);
CREATE INDEX message_words_found ON message_words USING gin (words);
