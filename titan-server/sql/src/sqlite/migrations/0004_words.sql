-- Words that the store cuts itself (`titan_core::text::words`), the same in every database, in place of SQLite's own.

-- Messages from this id on are in the index of words; the store adds those of before in small steps, the newest first.
ALTER TABLE house ADD COLUMN words_from INTEGER NOT NULL DEFAULT 0;
UPDATE house SET words_from = next_entry;

-- The index of before can be large. Only its name goes now; its tables, which are ordinary ones without it, are emptied in small
-- steps.
DROP VIEW searchable;
PRAGMA writable_schema = ON;
DELETE FROM sqlite_schema WHERE type = 'table' AND name = 'message_words';
PRAGMA writable_schema = RESET;
ALTER TABLE message_words_data RENAME TO old_words_data;
ALTER TABLE message_words_idx RENAME TO old_words_idx;
ALTER TABLE message_words_docsize RENAME TO old_words_docsize;
ALTER TABLE message_words_config RENAME TO old_words_config;

-- `place` holds one token, the conversation's, so that a search skips other people's talk inside the index; it begins with
-- U+E000, as no word does. Words are given whole, with spaces between: nothing of them is judged here.
CREATE VIRTUAL TABLE message_words USING fts5 (words, place, content = '', tokenize = 'ascii');
INSERT INTO message_words (message_words, rank) VALUES ('automerge', 8);
-- What is deleted leaves the disk.
INSERT INTO message_words (message_words, rank) VALUES ('secure-delete', 1);
