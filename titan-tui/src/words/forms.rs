//! What forms ask for: titles, labels, hints; and the first steps into a server. The forms themselves are made of these, so
//! nothing here knows a form.

use crate::app::state::server::ServerInfo;

pub const NOTHING_MATCHES: &str = "Nothing matches.";

// --- forms
pub const OPTIONAL: &str = "may stay empty";
pub const PICK_HINT: &str = "left and right choose";
pub const ONE_MOMENT: &str = "One moment…";
pub const CREATE_ROOM: &str = "Create a room";
pub const JOIN_ROOM: &str = "Join a room";
pub const EDIT_ROOM: &str = "Change the room";
pub const ROOM_NAME: &str = "Name";
pub const ROOM_NAME_HINT: &str = "what everybody sees";
pub const JOIN_HINT: &str = "its name";
pub const DESCRIPTION: &str = "Description";
pub const ROOM_PASSWORD: &str = "Password";
pub const ROOM_PASSWORD_HINT: &str = "empty: anybody may join";
pub const ROOM_PASSWORD_ASKED: &str = "ask the room's owner";
pub const ROOM_PASSWORD_KEEP: &str = "empty: stays as it is";
pub const KIND: &str = "Kind";
pub const KIND_TEXT: &str = "text";
pub const KIND_VOICE: &str = "voice and text";
pub const UPLOAD_APP: &str = "Upload an app to the repository";
pub const FILE_PATH: &str = "File";
pub const FILE_PATH_HINT: &str = "its path on this machine, ~ is your home";
pub const FILE_TEXT: &str = "Text";
pub const FILE_TEXT_HINT: &str = "a word with it, may stay empty";
pub const APP_CATEGORY: &str = "Category";
pub const APP_NAME: &str = "Name";
pub const APP_NAME_HINT: &str = "as it is to be listed";
pub const VERSION: &str = "Version";
pub const VERSION_HINT: &str = "such as 1.0";
pub const APP_DESCRIPTION_HINT: &str = "what it does, may stay empty";
pub const REJECT_APP: &str = "Reject the app";
pub const REASON: &str = "Reason";
pub const REASON_HINT: &str = "the author reads it";
pub const FIND_APPS: &str = "Search the apps";
pub const WORDS: &str = "Words";
pub const WORDS_HINT: &str = "empty shows all";
pub const PROFILE: &str = "Your profile";
pub const FULL_NAME: &str = "Full name";
pub const BLOG: &str = "Blog";
pub const BLOG_HINT: &str = "https://…, may stay empty";
pub const MAIL: &str = "Mail";
pub const MAIL_HINT: &str = "empty: stays as it is; nobody else sees it";
pub const CHANGE_PASSWORD: &str = "Change your password";
pub const CONFIRM_TITLE: &str = "Your password once more";
pub const CONFIRM_HINT: &str = "so that nobody else does this in your name";
pub const CODE: &str = "Code";
pub const CODE_HINT: &str = "what your app for codes shows, or a recovery code";
pub const CODE_IF_ANY: &str = "of your second factor, if you have one";
pub const CODE_TITLE: &str = "Your second factor";
pub const CHOOSE_OWN_TITLE: &str = "Choose a password of your own";
pub const CHOOSE_OWN_NOTE: &str = "The one you came with was made up for you: it opens nothing but this.";
pub const OLD_PASSWORD: &str = "Old password";
pub const NEW_PASSWORD: &str = "New password";
pub const NEW_PASSWORD_AGAIN: &str = "Once more";

pub fn upload_to(title: &str) -> String {
    format!("Send a file to {title}")
}

pub fn room_is_locked(name: &str) -> String {
    format!("#{name} asks for a password")
}

pub fn reset_password_of(name: &str) -> String {
    format!("A new password for {name}")
}

pub fn ban_title(name: &str) -> String {
    format!("Ban {name}")
}

// --- wizard
pub const WIZARD_TITLE: &str = "Where do you want to chat?";
pub const WAY_HOST: &str = "Start a server on this machine";
pub const WAY_HOST_ABOUT: &str =
    "For yourself or as a beginning; it runs while Titan does. Nothing leaves this machine.";
pub const WAY_CONNECT: &str = "Connect to a server";
pub const WAY_CONNECT_ABOUT: &str = "You need its address.";
pub const WAY_LEAVE: &str = "Leave";
pub const WAYS_HINT: &str = "up and down choose · enter takes it";
pub const CONNECT_TITLE: &str = "Which server?";
pub const ADDRESS: &str = "Address";
pub const ADDRESS_HINT: &str = "such as https://chat.example.org";
pub const LOGIN_TITLE: &str = "Log in";
pub const REGISTER_TITLE: &str = "Make an account";
pub const USERNAME: &str = "Username";
pub const USERNAME_HINT: &str = "your name there";
pub const NEW_USERNAME_HINT: &str = "letters, digits, _ - .";
pub const PASSWORD: &str = "Password";
pub const PASSWORD_HINT: &str = "";
pub const NEW_PASSWORD_HINT: &str = "at least 8 characters";
pub const ADMIN_KEY: &str = "Admin key";
pub const ADMIN_KEY_HINT: &str = "only if you run the server";
pub const STARTING_SERVER: &str = "Starting the server…";

pub fn at_server(server: &ServerInfo) -> String {
    match server.hosted {
        true => "The server runs on this machine.".to_owned(),
        false if server.is_exposed() => format!("at {} · {}", server.url, super::trust::NOT_ENCRYPTED),
        false => format!("at {}", server.url),
    }
}

pub fn bad_address(address: &str) -> String {
    match address {
        "" => "Type the server's address, such as https://chat.example.org or localhost:8000.".to_owned(),
        _ => format!("“{address}” is no server address: write it as https://chat.example.org or host:port."),
    }
}

pub fn welcome(username: &str, number: i64) -> String {
    format!("Welcome, {username}. Your titan number is {number}.")
}
