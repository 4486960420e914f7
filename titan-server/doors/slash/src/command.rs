//! What people type: a text to a typed command. Pure.
//!
//! Words are told apart by single spaces, as the original does: `/register  x` names an empty user. A room's or file's
//! name is the rest of the line, since those of other doors may have spaces. Uploads are read by [`reading`](super::reading):
//! their bytes follow.

use titan_core::{SafeText, Secret};

/// Characters of an unknown command that are quoted back.
const QUOTED_MOST: usize = 50;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Register { username: String, password: Secret, admin_key: Option<Secret> },
    Login { username: String, password: Secret },
    ChangePassword { old: Secret, new: Secret },
    Help,
    Create { room: String },
    Join { room: String },
    Leave,
    Message { text: String },
    Download { file: String },
    ListAllUsers,
    ListUsersInRoom,
    ListAllRooms,
    ListFiles,
    Whoami,
    Whereami,
    Quit,
    DeleteRoom { room: String },
    AddUser { username: String, password: Secret, admin: Option<bool> },
    EditUser { username: String, password: Secret, admin: Option<bool> },
    ViewUsers,
    ViewRoomHistory { room: String },
    BanUser { username: String },
    UnbanUser { username: String },
    ChangeAdminKey { key: Secret },
}

/// Why a text is no command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misread {
    /// A blank text: nothing is said to it.
    Blank,
    /// No command begins so.
    Unknown(SafeText),
    /// A command without what belongs to it.
    Misused(&'static Known),
}

/// A command's word, what belongs to it and what it does.
#[derive(Debug, PartialEq, Eq)]
pub struct Known {
    pub word: &'static str,
    pub arguments: &'static str,
    pub does: &'static str,
    /// Whether it is the admins'.
    pub admins: bool,
}

/// Every command, in the order of `/help`.
pub static COMMANDS: [Known; 25] = [
    known("/register", "<username> <password> [admin_key]", "Register a new user"),
    known("/login", "<username> <password>", "Log in"),
    known("/changepassword", "<old_password> <new_password>", "Change your password"),
    known("/help", "", "Show this list"),
    known("/create", "<room>", "Create a chat room and join it"),
    known("/join", "<room>", "Join a chat room and view its history"),
    known("/leave", "", "Leave the current room"),
    known("/message", "<text>", "Send a message to the current room"),
    known("/upload", "<room> <filepath> <size>", "Upload a file: its bytes follow the size at once"),
    known("/download", "<filename>", "Download a file by its unique name"),
    known("/list_all_users", "", "List all online users"),
    known("/list_users_in_room", "", "List the users in the current room"),
    known("/list_all_rooms", "", "List all chat rooms"),
    known("/list_files", "", "List the files of the current room"),
    known("/whoami", "", "Show your username"),
    known("/whereami", "", "Show the current room"),
    known("/quit", "", "Disconnect"),
    admins("/delete_room", "<room>", "Delete a room and its history"),
    admins("/add_user", "<username> <password> [0|1]", "Add a user; 1 makes an admin"),
    admins("/edit_user", "<username> <new_password> [0|1]", "Change a user's password or admin status"),
    admins("/view_users", "", "List all users with their status"),
    admins("/view_room_history", "<room>", "View a room's history"),
    admins("/ban_user", "<username>", "Ban a user and disconnect them"),
    admins("/unban_user", "<username>", "Lift a user's ban"),
    admins("/change_admin_key", "<new_key>", "Change the key that registers admins"),
];

const fn known(word: &'static str, arguments: &'static str, does: &'static str) -> Known {
    Known { word, arguments, does, admins: false }
}

const fn admins(word: &'static str, arguments: &'static str, does: &'static str) -> Known {
    Known { word, arguments, does, admins: true }
}

/// The command's word that a text begins with.
pub fn word_of(text: &str) -> Option<&'static str> {
    let word = text.split_whitespace().next()?;
    COMMANDS.iter().map(|known| known.word).find(|known| *known == word)
}

/// Whether bytes begin with the word of a command.
pub fn names_a_command(bytes: &[u8]) -> bool {
    let word = bytes.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    COMMANDS.iter().any(|known| known.word.as_bytes() == word)
}

/// Whether bytes may become a line that does: none of it has come yet, or its word is begun.
pub fn begins_a_command(bytes: &[u8]) -> bool {
    names_a_command(bytes) || COMMANDS.iter().any(|known| known.word.as_bytes().starts_with(bytes))
}

impl Command {
    pub fn read(text: &str) -> Result<Self, Misread> {
        let text = text.trim();
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        if word.is_empty() {
            return Err(Misread::Blank);
        }
        let Some(known) = COMMANDS.iter().find(|known| known.word == word) else {
            let quoted: String = word.chars().take(QUOTED_MOST).collect();
            return Err(Misread::Unknown(SafeText::line(&quoted)));
        };
        Self::of(word, rest).ok_or(Misread::Misused(known))
    }

    /// None where what belongs to the command is not there.
    fn of(word: &str, rest: &str) -> Option<Self> {
        let words: Vec<&str> = rest.split(' ').collect();
        let name = || Some(rest.trim()).filter(|name| !name.is_empty()).map(str::to_owned);
        Some(match word {
            "/register" => register(&words)?,
            "/login" => pair(&words).map(|(username, password)| Self::Login { username, password })?,
            "/changepassword" => pair(&words).map(|(old, new)| Self::ChangePassword { old: old.into(), new })?,
            "/help" => Self::Help,
            "/create" => Self::Create { room: name()? },
            "/join" => Self::Join { room: name()? },
            "/leave" => Self::Leave,
            "/message" => Self::Message { text: name()? },
            "/download" => Self::Download { file: name()? },
            "/list_all_users" => Self::ListAllUsers,
            "/list_users_in_room" => Self::ListUsersInRoom,
            "/list_all_rooms" => Self::ListAllRooms,
            "/list_files" => Self::ListFiles,
            "/whoami" => Self::Whoami,
            "/whereami" => Self::Whereami,
            "/quit" => Self::Quit,
            "/delete_room" => Self::DeleteRoom { room: name()? },
            "/add_user" => {
                user(&words).map(|(username, password, admin)| Self::AddUser { username, password, admin })?
            }
            "/edit_user" => {
                user(&words).map(|(username, password, admin)| Self::EditUser { username, password, admin })?
            }
            "/view_users" => Self::ViewUsers,
            "/view_room_history" => Self::ViewRoomHistory { room: name()? },
            "/ban_user" => Self::BanUser { username: name()? },
            "/unban_user" => Self::UnbanUser { username: name()? },
            "/change_admin_key" => Self::ChangeAdminKey { key: name()?.into() },
            _ => return None,
        })
    }
}

fn register(words: &[&str]) -> Option<Command> {
    let (username, password, admin_key) = match words {
        [username, password] => (username, password, None),
        [username, password, key] => (username, password, Some((*key).into())),
        _ => return None,
    };
    Some(Command::Register { username: (*username).to_owned(), password: (*password).into(), admin_key })
}

fn pair(words: &[&str]) -> Option<(String, Secret)> {
    match words {
        [one, other] => Some(((*one).to_owned(), (*other).into())),
        _ => None,
    }
}

fn user(words: &[&str]) -> Option<(String, Secret, Option<bool>)> {
    let (username, password, admin) = match words {
        [username, password] => (username, password, None),
        [username, password, "0"] => (username, password, Some(false)),
        [username, password, "1"] => (username, password, Some(true)),
        _ => return None,
    };
    Some(((*username).to_owned(), (*password).into(), admin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn misused(text: &str) -> &'static str {
        match Command::read(text) {
            Err(Misread::Misused(known)) => known.word,
            other => panic!("{text} was read as {other:?}"),
        }
    }

    #[test]
    fn every_command_that_help_lists_is_understood() {
        for known in COMMANDS.iter().filter(|known| known.word != "/upload") {
            let text = format!("{} {}", known.word, known.arguments.replace(" [0|1]", " 1"));
            assert!(Command::read(&text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_belongs_to_a_command_is_told_apart() {
        let text = |text: &str| text.to_owned();
        let cases = [
            ("/register ada pw", Command::Register { username: text("ada"), password: "pw".into(), admin_key: None }),
            (
                "/register ada pw key\r\n",
                Command::Register { username: text("ada"), password: "pw".into(), admin_key: Some("key".into()) },
            ),
            ("/register  pw", Command::Register { username: text(""), password: "pw".into(), admin_key: None }),
            ("/join General Chat", Command::Join { room: text("General Chat") }),
            ("/message  two\nlines ", Command::Message { text: text("two\nlines") }),
            ("/edit_user bob  1", Command::EditUser { username: text("bob"), password: "".into(), admin: Some(true) }),
            ("/leave now", Command::Leave),
        ];
        for (text, wanted) in cases {
            assert_eq!(Command::read(text), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn what_is_no_command_is_told_why() {
        for text in ["/register", "/register ada", "/register a b c d"] {
            assert_eq!(misused(text), "/register");
        }
        for text in ["/login ada", "/join", "/message", "/message  ", "/add_user a", "/add_user a b 2", "/upload r p"] {
            assert_eq!(misused(text), text.split(' ').next().unwrap());
        }
        assert_eq!(Command::read(" \n"), Err(Misread::Blank));
        assert_eq!(Command::read("hello all"), Err(Misread::Unknown("hello".into())));
        assert_eq!(Command::read("/fly\u{1b}[2J x"), Err(Misread::Unknown(SafeText::line("/fly\u{1b}[2J"))));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_told_why_not(
            text in any::<String>(),
            word in prop::sample::select(COMMANDS.iter().map(|known| known.word).collect::<Vec<_>>()),
        ) {
            if let Err(Misread::Unknown(quoted)) = Command::read(&text) {
                prop_assert!(quoted.chars().count() <= QUOTED_MOST);
            }
            let known = Command::read(&format!("{word} {text}"));
            let understood = !matches!(known, Err(Misread::Unknown(_) | Misread::Blank));
            prop_assert!(understood);
        }
    }
}
