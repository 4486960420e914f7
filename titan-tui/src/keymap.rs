//! The keys, as data. Every key does a named action in a context; the hint line, the help and the settings file all read
//! this one table, so none of them can be wrong about it.
//!
//! Settings rebind by name (`[keys]` in `settings.toml`); two actions on one key are reported, and the first keeps it.

use std::{collections::BTreeMap, fmt};

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Where a key means something. The focused place is asked first, then `Global`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Context {
    Global,
    Composer,
    Timeline,
    List,
    Repository,
    Transfers,
    People,
    Overlay,
}

impl Context {
    pub const ALL: [Context; 8] = [
        Self::Global,
        Self::Composer,
        Self::Timeline,
        Self::List,
        Self::Repository,
        Self::Transfers,
        Self::People,
        Self::Overlay,
    ];
}

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chord {
    code: KeyCode,
    modifiers: KeyModifiers,
}

impl Chord {
    /// What was pressed. A capital letter is the letter itself, whether or not the terminal tells of Shift.
    pub fn of(key: KeyEvent) -> Self {
        let mut modifiers = key.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        let code = match key.code {
            KeyCode::Char(c) => {
                modifiers -= KeyModifiers::SHIFT;
                KeyCode::Char(c)
            }
            KeyCode::BackTab => {
                modifiers |= KeyModifiers::SHIFT;
                KeyCode::Tab
            }
            code => code,
        };
        Self { code, modifiers }
    }

    pub fn code(self) -> KeyCode {
        self.code
    }

    pub fn modifiers(self) -> KeyModifiers {
        self.modifiers
    }

    /// Reads `ctrl-k`, `alt-enter`, `shift-tab`, `f1`, `?`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        loop {
            let (modifier, tail) = match rest {
                _ if rest.len() > 5 && rest.starts_with("ctrl-") => (KeyModifiers::CONTROL, &rest[5..]),
                _ if rest.len() > 4 && rest.starts_with("alt-") => (KeyModifiers::ALT, &rest[4..]),
                _ if rest.len() > 6 && rest.starts_with("shift-") => (KeyModifiers::SHIFT, &rest[6..]),
                _ => break,
            };
            modifiers |= modifier;
            rest = tail;
        }
        Some(Self { code: parse_code(rest)?, modifiers })
    }
}

const NAMED: [(&str, KeyCode); 15] = [
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("space", KeyCode::Char(' ')),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pageup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
];

fn parse_code(text: &str) -> Option<KeyCode> {
    if let Some((_, code)) = NAMED.iter().find(|(name, _)| *name == text) {
        return Some(*code);
    }
    if let Some(number) = text.strip_prefix('f').and_then(|number| number.parse().ok()) {
        return (1..=12).contains(&number).then_some(KeyCode::F(number));
    }
    let mut chars = text.chars();
    let only = chars.next()?;
    chars.next().is_none().then_some(KeyCode::Char(only))
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (modifier, name) in
            [(KeyModifiers::CONTROL, "ctrl-"), (KeyModifiers::ALT, "alt-"), (KeyModifiers::SHIFT, "shift-")]
        {
            if self.modifiers.contains(modifier) {
                f.write_str(name)?;
            }
        }
        match self.code {
            KeyCode::F(number) => write!(f, "f{number}"),
            code => match NAMED.iter().find(|(_, named)| *named == code) {
                Some((name, _)) => f.write_str(name),
                None => match code {
                    KeyCode::Char(c) => write!(f, "{c}"),
                    _ => f.write_str("?"),
                },
            },
        }
    }
}

macro_rules! actions {
    ($($context:ident { $($action:ident $name:literal $about:literal [$($key:literal),*])* })*) => {
        /// Everything a key can do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action { $($($action),*),* }

        const TABLE: &[Row] = &[$($(Row {
            context: Context::$context, action: Action::$action, name: $name, about: $about, keys: &[$($key),*],
        }),*),*];
    };
}

/// One line of the table of defaults.
struct Row {
    context: Context,
    action: Action,
    name: &'static str,
    about: &'static str,
    keys: &'static [&'static str],
}

actions! {
    Global {
        Switcher "go-to" "go to a room, person, app, file or command" ["ctrl-k"]
        NextUnread "next-unread" "go to the next unread conversation" ["alt-a"]
        NextPane "next-pane" "move to the next pane" ["tab"]
        PreviousPane "previous-pane" "move to the pane before" ["shift-tab"]
        ViewChat "view-chat" "show the chat" ["alt-1", "f2"]
        ViewRepository "view-repository" "show the repository of apps" ["alt-2", "f3"]
        ViewTransfers "view-transfers" "show the transfers" ["alt-3", "f4"]
        ViewPeople "view-people" "show the people: friends, requests, your account, the house" ["alt-4", "f5"]
        Search "search" "search all history" ["ctrl-f"]
        CreateRoom "create-room" "create a room" ["alt-n"]
        JoinRoom "join-room" "join a room" ["alt-j"]
        TogglePeople "people" "show or hide who is here" ["alt-p"]
        TakeBack "take-back" "take back what was just done to somebody" ["alt-x"]
        ToggleMouse "mouse" "give the mouse to Titan or to the terminal" ["alt-m"]
        NextTheme "next-theme" "change the colours" ["alt-t"]
        PreviousConversation "conversation-up" "go to the conversation above" ["alt-up"]
        NextConversation "conversation-down" "go to the conversation below" ["alt-down"]
        ScrollUp "scroll-up" "scroll up a page" ["pageup"]
        ScrollDown "scroll-down" "scroll down a page" ["pagedown"]
        ScrollOldest "oldest" "go to the oldest message loaded" ["ctrl-home"]
        ScrollNewest "newest" "go to the newest message" ["ctrl-end"]
        Redraw "redraw" "draw the screen anew" ["ctrl-l"]
        Help "help" "show the keys and commands" ["f1"]
        Quit "quit" "leave Titan" ["ctrl-q"]
        ClearOrQuit "clear" "clear what is written, or ask to leave" ["ctrl-c"]
        Leave "leave" "close what is open, go back to writing" ["esc"]
    }
    Composer {
        Send "send" "send the message" ["enter"]
        NewLine "new-line" "begin a new line" ["alt-enter", "ctrl-j", "shift-enter"]
        Complete "complete" "complete a @name, #room, /command or :emoji:" ["tab"]
        Up "up" "a line up; at the top, an earlier message of yours" ["up"]
        Down "down" "a line down" ["down"]
        Left "left" "a character left" ["left", "ctrl-b"]
        Right "right" "a character right" ["right"]
        WordLeft "word-left" "a word left" ["alt-b", "ctrl-left", "alt-left"]
        WordRight "word-right" "a word right" ["alt-f", "ctrl-right", "alt-right"]
        LineStart "line-start" "the start of the line" ["home", "ctrl-a"]
        LineEnd "line-end" "the end of the line" ["end", "ctrl-e"]
        DeleteBack "delete-back" "delete the character before" ["backspace", "ctrl-h"]
        DeleteNext "delete-next" "delete the character after" ["delete", "ctrl-d"]
        DeleteWord "delete-word" "delete the word before" ["ctrl-w", "alt-backspace"]
        DeleteToStart "delete-to-start" "delete to the start of the line" ["ctrl-u"]
        DeleteToEnd "delete-to-end" "delete to the end of the line" ["alt-k"]
        PutBack "put-back" "put back what was deleted" ["ctrl-y"]
        Undo "undo" "undo" ["ctrl-z", "ctrl-_"]
        Redo "redo" "redo" ["alt-z"]
        Attach "upload" "send a file to this conversation" ["alt-u"]
    }
    Timeline {
        SelectUp "select-up" "choose the message above" ["up", "k"]
        SelectDown "select-down" "choose the message below" ["down", "j"]
        MessageMenu "message-menu" "what can be done with the message" ["enter"]
        Reply "reply" "reply" ["r"]
        Edit "edit" "change a message of yours" ["e"]
        Delete "delete" "delete the message" ["d", "delete"]
        React "react" "react with an emoji" ["+", "a"]
        Copy "copy" "copy the message" ["y", "c"]
        OpenLink "open-link" "open the first link" ["o"]
        Fetch "download" "download the message's file" ["s"]
        FirstUnread "first-unread" "go to the first new message" ["n"]
        TimelineHelp "timeline-help" "show the keys and commands" ["?"]
    }
    List {
        ListUp "list-up" "up" ["up", "k"]
        ListDown "list-down" "down" ["down", "j"]
        ListOpen "list-open" "open" ["enter"]
        ListMenu "list-menu" "what can be done with it" ["m"]
        ListHelp "list-help" "show the keys and commands" ["?"]
    }
    Repository {
        AppUp "app-up" "the app above" ["up", "k"]
        AppDown "app-down" "the app below" ["down", "j"]
        CategoryBack "category-back" "the category before" ["left", "h"]
        CategoryNext "category-next" "the next category" ["right", "l"]
        Install "install" "download the app" ["enter", "i"]
        FindApps "find-apps" "search the apps" ["/"]
        Upload "upload-app" "upload an app" ["u"]
        Approve "approve" "approve the app (admins)" ["a"]
        Reject "reject" "reject the app (admins)" ["x"]
        DeleteApp "delete-app" "delete the app (its author, admins)" ["d", "delete"]
        RefreshApps "refresh" "ask the server again" ["r"]
        RepositoryHelp "repository-help" "show the keys and commands" ["?"]
    }
    Transfers {
        TransferUp "transfer-up" "the transfer above" ["up", "k"]
        TransferDown "transfer-down" "the transfer below" ["down", "j"]
        PauseResume "pause-resume" "pause, go on, or try again" ["p", "enter", "space"]
        CancelTransfer "cancel-transfer" "cancel and forget the transfer" ["d", "delete", "x"]
        ClearDone "clear-done" "forget the finished ones" ["c"]
        ShowFolder "open-folder" "open the folder" ["o"]
        TransfersHelp "transfers-help" "show the keys and commands" ["?"]
    }
    People {
        PeopleUp "people-up" "up" ["up", "k"]
        PeopleDown "people-down" "down" ["down", "j"]
        SectionBack "section-back" "the section before" ["left", "h"]
        SectionNext "section-next" "the next section" ["right", "l"]
        PersonMenu "person-menu" "what can be done" ["enter"]
        AddPerson "add" "accept a request; ask, add or ban somebody new" ["a", "+"]
        RemovePerson "remove" "decline, end, unblock, let in, or remove" ["x", "d", "delete"]
        WritePerson "write-to" "write a direct message" ["m", "w"]
        BlockPerson "block" "block or unblock; among accounts, ban or let in" ["b"]
        FindPerson "find-person" "narrow the section by typing" ["/"]
        RefreshPeople "refresh-people" "ask the server again" ["r"]
        PeopleHelp "people-help" "show the keys and commands" ["?"]
    }
    Overlay {
        Close "close" "close" ["esc", "ctrl-c"]
        Choose "choose" "choose" ["enter"]
        PickUp "pick-up" "up" ["up", "ctrl-p"]
        PickDown "pick-down" "down" ["down", "ctrl-n"]
        PageUp "page-up" "a page up" ["pageup"]
        PageDown "page-down" "a page down" ["pagedown"]
        NextField "next-field" "the next field" ["tab"]
        PreviousField "previous-field" "the field before" ["shift-tab"]
    }
}

/// The live bindings.
#[derive(Clone, Debug)]
pub struct Keymap {
    rows: Vec<(usize, Vec<Chord>)>,
}

impl Default for Keymap {
    fn default() -> Self {
        let chords = |row: &Row| row.keys.iter().filter_map(|key| Chord::parse(key)).collect();
        Self { rows: TABLE.iter().enumerate().map(|(at, row)| (at, chords(row))).collect() }
    }
}

/// A binding as the help shows it.
pub struct Shown {
    pub context: Context,
    pub name: &'static str,
    pub keys: String,
    pub about: &'static str,
}

impl Keymap {
    /// The defaults with a person's changes. What is wrong with those is told in words, and the rest still holds.
    pub fn with(changes: &BTreeMap<String, Vec<String>>) -> (Self, Vec<String>) {
        let mut keymap = Self::default();
        let mut troubles = Vec::new();
        for (name, keys) in changes {
            match TABLE.iter().position(|row| row.name == name) {
                None => troubles.push(crate::words::unknown_action(name)),
                Some(at) => keymap.rows[at].1 = keymap.read_keys(name, keys, &mut troubles),
            }
        }
        troubles.extend(keymap.clashes());
        (keymap, troubles)
    }

    fn read_keys(&self, name: &str, keys: &[String], troubles: &mut Vec<String>) -> Vec<Chord> {
        let mut chords = Vec::new();
        for key in keys {
            match Chord::parse(&key.to_lowercase()).or_else(|| Chord::parse(key)) {
                Some(chord) => chords.push(chord),
                None => troubles.push(crate::words::unknown_key(name, key)),
            }
        }
        chords
    }

    /// Two actions of one context on one key.
    fn clashes(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (at, chords) in &self.rows {
            for (other, others) in &self.rows[..*at] {
                let same_context = TABLE[*at].context == TABLE[*other].context;
                let shared = chords.iter().find(|chord| same_context && others.contains(chord));
                if let Some(chord) = shared {
                    found.push(crate::words::key_clash(&chord.to_string(), TABLE[*other].name, TABLE[*at].name));
                }
            }
        }
        found
    }

    /// What a key does here.
    pub fn action(&self, context: Context, key: KeyEvent) -> Option<Action> {
        let chord = Chord::of(key);
        self.rows
            .iter()
            .find(|(at, chords)| TABLE[*at].context == context && chords.contains(&chord))
            .map(|(at, _)| TABLE[*at].action)
    }

    /// The first key of an action, for hints; empty where it has none.
    pub fn key(&self, action: Action) -> String {
        let found = self.rows.iter().find(|(at, _)| TABLE[*at].action == action);
        found.and_then(|(_, chords)| chords.first()).map(Chord::to_string).unwrap_or_default()
    }

    /// Everything, for the help.
    pub fn shown(&self) -> Vec<Shown> {
        self.rows
            .iter()
            .map(|(at, chords)| Shown {
                context: TABLE[*at].context,
                name: TABLE[*at].name,
                keys: chords.iter().map(Chord::to_string).collect::<Vec<_>>().join(", "),
                about: TABLE[*at].about,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_key_is_understood_and_none_is_given_twice() {
        for row in TABLE {
            for key in row.keys {
                let chord = Chord::parse(key).unwrap_or_else(|| panic!("{key} of {} is no key", row.name));
                assert_eq!(chord.to_string(), *key);
            }
        }
        assert_eq!(Keymap::default().clashes(), Vec::<String>::new());
    }

    #[test]
    fn action_names_are_unique() {
        let mut names: Vec<_> = TABLE.iter().map(|row| row.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TABLE.len());
    }

    #[test]
    fn settings_rebind_by_name_and_clashes_are_told() {
        let changes = BTreeMap::from([
            ("go-to".to_owned(), vec!["ctrl-o".to_owned()]),
            ("search".to_owned(), vec!["ctrl-o".to_owned()]),
            ("fly".to_owned(), vec!["x".to_owned()]),
            ("help".to_owned(), vec!["hyper-x".to_owned()]),
        ]);
        let (keymap, troubles) = Keymap::with(&changes);
        let key = KeyEvent::new(KeyCode::Char('o'), KeyModifiers::CONTROL);
        assert_eq!(keymap.action(Context::Global, key), Some(Action::Switcher));
        assert_eq!(troubles.len(), 3, "{troubles:?}");
    }

    #[test]
    fn shift_tab_and_capitals_are_one_key_on_every_terminal() {
        let keymap = Keymap::default();
        for modifiers in [KeyModifiers::NONE, KeyModifiers::SHIFT] {
            let key = KeyEvent::new(KeyCode::BackTab, modifiers);
            assert_eq!(keymap.action(Context::Global, key), Some(Action::PreviousPane));
        }
    }
}
