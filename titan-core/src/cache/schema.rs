//! The tables of the two cache files. A change means a new version number, and a step that leads from the old tables to the new
//! ones, quick whatever is in them. History that no step leads on from is set aside, since the server has it.

/// One kind of cache file.
pub(super) struct Schema {
    pub what: &'static str,
    /// What is lost when such a file has to be set aside.
    pub loss: &'static str,
    pub version: i32,
    pub durable: bool,
    pub tables: &'static str,
    /// What leads to this version, and from which on.
    pub step: Option<(i32, &'static str)>,
}

/// Marks the files as ours ("TtnC").
pub(super) const APPLICATION_ID: i32 = 0x5474_6e43;

pub(super) const HISTORY: Schema = Schema {
    what: "local history",
    loss: "it will be fetched from the server again",
    version: 4,
    durable: false,
    step: Some((
        2,
        "
        DROP TABLE words;
        CREATE VIRTUAL TABLE words USING fts5 (text, place, content = '', prefix = '2 3', tokenize = 'ascii');
        INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
        DROP TABLE IF EXISTS wordless;
        CREATE TABLE wordless (below INTEGER NOT NULL) STRICT;
        INSERT INTO wordless SELECT coalesce(max(id), -1) + 1 FROM entry;
        ",
    )),
    tables: "
        CREATE TABLE conversation (id INTEGER PRIMARY KEY, active_at INTEGER NOT NULL, json TEXT NOT NULL) STRICT;
        CREATE TABLE person (id INTEGER PRIMARY KEY, json TEXT NOT NULL) STRICT;

        -- One row an entry, by the server's entry id, which grows with time. `target` is the message that an edit, deletion
        -- or reaction is about. `as_of`: the message's state holds everything up to this seq.
        CREATE TABLE entry (
            id INTEGER PRIMARY KEY,
            conversation INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            target INTEGER,
            as_of INTEGER NOT NULL,
            json TEXT NOT NULL,
            UNIQUE (conversation, seq)
        ) STRICT;
        CREATE INDEX entry_by_target ON entry (conversation, target, seq) WHERE target IS NOT NULL;

        -- Which seqs are held, as ranges that neither touch nor overlap.
        CREATE TABLE held (
            conversation INTEGER NOT NULL,
            first INTEGER NOT NULL,
            last INTEGER NOT NULL,
            PRIMARY KEY (conversation, first)
        ) STRICT, WITHOUT ROWID;

        -- How far the stream of events has come: where the next connection resumes.
        CREATE TABLE mark (conversation INTEGER PRIMARY KEY, seq INTEGER NOT NULL) STRICT;

        -- The words of messages as `text::message_words` cuts them. `place` holds one word, which names the conversation: so a
        -- search in one need not look at the finds of all.
        CREATE VIRTUAL TABLE words USING fts5 (text, place, content = '', prefix = '2 3', tokenize = 'ascii');
        -- What is deleted leaves the disk.
        INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
        -- Messages of before whose words are not there yet: those with ids below this.
        CREATE TABLE wordless (below INTEGER NOT NULL) STRICT;
        INSERT INTO wordless VALUES (0);
    ",
};

pub(super) const OWN: Schema = Schema {
    what: "drafts and unsent messages",
    loss: "drafts and messages not yet sent are no longer here, but in that file",
    version: 1,
    durable: true,
    step: None,
    tables: "
        CREATE TABLE draft (conversation INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
        CREATE TABLE outbox (
            place INTEGER PRIMARY KEY AUTOINCREMENT,
            client_id TEXT NOT NULL UNIQUE,
            conversation INTEGER NOT NULL,
            text TEXT NOT NULL,
            reply_to INTEGER,
            queued_at INTEGER NOT NULL,
            failed TEXT
        ) STRICT;
        CREATE TABLE value (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    ",
};
