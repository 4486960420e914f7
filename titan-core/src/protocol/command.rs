//! What makes a command of an entry in the table (`ask.rs`): a struct, its reply's type, and a variant of `Command`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use super::words::Words;

/// Declares all commands: see `ask.rs`. After each field's own words stands its name on the wire.
macro_rules! commands {
    ($(
        $(#[doc = $doc:literal])*
        $(#[derive($derive:ident)])?
        $name:literal $ask:ident -> $reply:ty {
            $($(#[$field_doc:meta])* $field:ident $(?: $maybe:ty)? $(: $given:ty)?),* $(,)?
        }
    )*) => {
        $(
            $(#[doc = $doc])*
            #[derive(Clone, PartialEq, serde::Serialize, serde::Deserialize $(, $derive)?)]
            pub struct $ask {
                $(
                    $(#[$field_doc])*
                    #[doc = ""]
                    #[doc = concat!("On the wire: `", stringify!($field), "`.")]
                    $(pub $field: $given,)?
                    $(
                        #[serde(default, skip_serializing_if = "Option::is_none")]
                        pub $field: Option<$maybe>,
                    )?
                )*
            }

            impl Ask for $ask {
                type Reply = $reply;
                const NAME: &'static str = $name;
            }

            impl From<$ask> for Command {
                fn from(ask: $ask) -> Self {
                    Self::$ask(ask)
                }
            }

            impl std::fmt::Debug for $ask {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    super::command::shown(f, $name, self)
                }
            }
        )*

        /// Any command, as it travels: `{"do": NAME, …}` with its fields beside that.
        ///
        /// It grows with the protocol and is meant to be matched whole: who answers commands is told by the compiler which
        /// ones have come.
        #[derive(Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "do")]
        pub enum Command {
            $(
                $(#[doc = $doc])*
                #[serde(rename = $name)]
                $ask($ask),
            )*
        }

        impl Command {
            /// Every command there is: its name on the wire, and the name of its reply's type.
            pub const ALL: &[(&str, &str)] = &[$(($name, stringify!($reply))),*];

            /// Its name on the wire.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$ask(_) => $name),*
                }
            }
        }

        impl std::fmt::Debug for Command {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $(Self::$ask(ask) => ask.fmt(f)),*
                }
            }
        }
    };
}
pub(super) use commands;

/// The fields that hold secrets, whatever command they belong to.
const SECRETS: [&str; 8] = ["password", "new_password", "code", "token", "admin_key", "old", "new", "key"];

/// A command as it travels, but for what is secret: it may end up in a log.
pub(super) fn shown(f: &mut fmt::Formatter<'_>, name: &str, ask: &impl Serialize) -> fmt::Result {
    #[derive(Serialize)]
    struct Named<'a, A> {
        r#do: &'a str,
        #[serde(flatten)]
        ask: &'a A,
    }
    let mut command = serde_json::to_value(Named { r#do: name, ask }).map_err(|_| fmt::Error)?;
    for secret in SECRETS {
        if let Some(field) = command.get_mut(secret) {
            *field = "…".into();
        }
    }
    fmt::Display::fmt(&command, f)
}

/// A word that this version knows: what somebody *asks for* can't be done without.
pub(super) fn known<'de, D: Deserializer<'de>, W: Words>(deserializer: D) -> Result<W, D::Error> {
    let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
    W::known(&text).ok_or_else(|| serde::de::Error::unknown_variant(&text, W::NAMES))
}

/// The same, where it may be left out.
pub(super) fn known_if_given<'de, D: Deserializer<'de>, W: Words>(deserializer: D) -> Result<Option<W>, D::Error> {
    let Some(text) = Option::<std::borrow::Cow<'_, str>>::deserialize(deserializer)? else { return Ok(None) };
    W::known(&text).map(Some).ok_or_else(|| serde::de::Error::unknown_variant(&text, W::NAMES))
}

#[cfg(test)]
mod tests {
    use super::super::ask::*;
    use crate::{AccountId, ConversationId};

    #[test]
    fn a_token_travels_and_is_shown_nowhere_else() {
        use crate::{
            SessionId, Time, TitanNumber,
            protocol::{Account, LoggedIn},
        };
        let ada = Account::new(AccountId(1), "ada".into(), TitanNumber(69_522), Time(0));
        let login = LoggedIn::new(ada, SessionId(3), "hush".into(), None);
        assert!(!format!("{login:?}").contains("hush"));
        let wire = serde_json::to_string(&login).unwrap();
        assert!(wire.contains(r#""token":"hush""#), "{wire}");
        assert_eq!(serde_json::from_str::<LoggedIn>(&wire).unwrap(), login);
    }

    #[test]
    fn no_secret_is_shown_where_a_command_is_logged() {
        let secret = || crate::Secret::from("hush");
        let commands = [
            Command::from(Login {
                username: "ada".into(),
                password: secret(),
                code: Some(secret()),
                client: None,
                new_password: Some(secret()),
            }),
            Confirm { password: secret(), code: Some(secret()) }.into(),
            ConfirmFactor { code: secret() }.into(),
            ConfirmMail { token: secret() }.into(),
            Authenticate { token: secret() }.into(),
            ChangePassword { old: secret(), new: secret() }.into(),
            ChangeAdminKey { key: secret() }.into(),
            Register { username: "ada".into(), password: secret(), full_name: None, admin_key: Some(secret()) }.into(),
            EditAccount { account: AccountId(1), password: Some(secret()), role: None }.into(),
            JoinRoom { conversation: ConversationId(1), password: Some(secret()) }.into(),
            DeleteAccount { password: secret() }.into(),
            ResetPassword { token: secret(), password: secret() }.into(),
        ];
        for command in commands {
            let shown = format!("{command:?}");
            assert!(!shown.contains("hush") && shown.contains("\"do\""), "{shown}");
        }
        let shown = format!("{:?}", LeaveRoom { conversation: ConversationId(7), heir: None });
        assert!(shown.contains("leave_room") && shown.contains('7'), "{shown}");
    }
}
