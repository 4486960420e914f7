//! How a command can fail, and the exit code that tells a script so: 1 refused or failed, 2 used wrongly, 3 no server or
//! no network, 4 not logged in, 130 interrupted. 0 is done.

use std::{io, process::ExitCode};

use titan_core::{
    client::Error,
    protocol::{Fault, FaultCode},
};

/// Why a command did not do what it should. The messages say what to do.
#[derive(Debug)]
pub enum Failure {
    /// The server or this machine said no.
    Refused {
        message: String,
        code: Option<FaultCode>,
    },
    /// What was typed makes no sense.
    Usage(String),
    /// No server.
    Network(String),
    /// A server that is not believed.
    Untrusted(String),
    NotLoggedIn(String),
    Interrupted,
    /// Whoever read our output has had enough, as in `titan tail | head`.
    Unread,
}

impl Failure {
    pub fn refused(message: impl Into<String>) -> Self {
        Self::Refused { message: message.into(), code: None }
    }

    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Unread => ExitCode::SUCCESS,
            Self::Refused { .. } => ExitCode::from(1),
            Self::Usage(_) => ExitCode::from(2),
            Self::Network(_) | Self::Untrusted(_) => ExitCode::from(3),
            Self::NotLoggedIn(_) => ExitCode::from(4),
            Self::Interrupted => ExitCode::from(130),
        }
    }

    /// What to say, safe to show; none where nothing needs saying.
    pub fn message(&self) -> Option<String> {
        match self {
            Self::Refused { message, .. }
            | Self::Usage(message)
            | Self::Network(message)
            | Self::Untrusted(message)
            | Self::NotLoggedIn(message) => Some(titan_core::shown(message).into_owned()),
            Self::Interrupted | Self::Unread => None,
        }
    }

    /// A word for programs: the server's own, where it was the server that refused.
    pub fn code(&self) -> String {
        let own = match self {
            Self::Refused { code: Some(code), .. } => return wire_name(*code),
            Self::Refused { code: None, .. } => "failed",
            Self::Usage(_) => "usage",
            Self::Network(_) => "network",
            Self::Untrusted(_) => "untrusted",
            Self::NotLoggedIn(_) => "not_logged_in",
            Self::Interrupted | Self::Unread => "interrupted",
        };
        own.to_owned()
    }
}

fn wire_name(code: FaultCode) -> String {
    match serde_json::to_value(code) {
        Ok(serde_json::Value::String(name)) => name,
        _ => "other".to_owned(),
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Fault(fault) => fault.into(),
            Error::Network(..) | Error::Offline => Self::Network(super::words::no_connection(&error)),
            Error::Untrusted(server) => Self::Untrusted(crate::words::untrusted(&server)),
            Error::Tls(why, _) => Self::Network(why),
            Error::BadUrl(why) => Self::Usage(why),
            Error::Paused | Error::Cancelled => Self::Interrupted,
            other => Self::refused(other.to_string()),
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault.code {
            FaultCode::NotLoggedIn | FaultCode::BadToken => {
                Self::NotLoggedIn(super::words::session_over(&fault.message))
            }
            code => Self::Refused { message: fault.message, code: Some(code) },
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Unread,
            io::ErrorKind::Interrupted => Self::Interrupted,
            _ => Self::refused(error.to_string()),
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::refused(format!("{error:#}"))
    }
}
