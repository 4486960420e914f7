//! The first steps: which server, and who. Each step tells what is wrong in its own place.

use titan_core::Secret;

use super::{
    overlay::{Field, Form, FormKind},
    state::server::ServerInfo,
};
use crate::words;

/// Where the wizard stands.
#[derive(Default)]
pub struct Wizard {
    pub step: Step,
    pub at: usize,
    pub error: Option<String>,
}

/// A step.
#[derive(Default)]
pub enum Step {
    /// Start one here, or connect to one.
    #[default]
    Server,
    /// The address of one.
    Address(Form),
    /// Log in or register there.
    Account(ServerInfo, Form),
    /// Something is on its way.
    Working(&'static str),
}

/// A way into Titan, as the first step offers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Host,
    Connect,
    Leave,
}

impl Way {
    pub fn offered(can_host: bool) -> Vec<Self> {
        match can_host {
            true => vec![Self::Host, Self::Connect, Self::Leave],
            false => vec![Self::Connect, Self::Leave],
        }
    }
}

impl Wizard {
    /// Asks who comes to this server.
    pub fn account(server: ServerInfo, register: bool) -> Self {
        let form = if register { register_form(!server.hosted) } else { login_form() };
        Self { step: Step::Account(server, form), at: 0, error: None }
    }

    pub fn address(filled: &str) -> Self {
        let fields = vec![Field::text(words::ADDRESS, words::ADDRESS_HINT).holding(filled)];
        Self { step: Step::Address(Form::new(FormKind::Address, words::CONNECT_TITLE, fields)), at: 0, error: None }
    }

    pub fn working(what: &'static str) -> Self {
        Self { step: Step::Working(what), at: 0, error: None }
    }

    /// The other of logging in and registering, with what has been typed.
    pub fn turn(&mut self) {
        let Step::Account(server, form) = &self.step else { return };
        let mut turned = Self::account(server.clone(), form.kind == FormKind::Login);
        if let Some(fresh) = turned.form_mut() {
            fresh.at = form.at.min(1);
            for at in 0..2 {
                fresh.fill(at, &form.text(at));
            }
        }
        *self = turned;
    }

    /// The form of this step, where it has one.
    pub fn form_mut(&mut self) -> Option<&mut Form> {
        match &mut self.step {
            Step::Address(form) | Step::Account(_, form) => Some(form),
            _ => None,
        }
    }

    pub fn form(&self) -> Option<&Form> {
        match &self.step {
            Step::Address(form) | Step::Account(_, form) => Some(form),
            _ => None,
        }
    }
}

/// A password in place of one that somebody else made up.
pub fn choose_form(username: String, made_up: Secret) -> Form {
    let fields = vec![
        Field::secret(words::NEW_PASSWORD, words::NEW_PASSWORD_HINT),
        Field::secret(words::NEW_PASSWORD_AGAIN, ""),
    ];
    let mut form = Form::new(FormKind::ChooseOwn(username, made_up), words::CHOOSE_OWN_TITLE, fields);
    form.note = Some(words::CHOOSE_OWN_NOTE.to_owned());
    form
}

/// A code of the second factor, beside what was given.
pub fn code_form(username: String, password: Secret, new: Option<Secret>) -> Form {
    let fields = vec![Field::text(words::CODE, words::CODE_HINT)];
    Form::new(FormKind::Code(username, password, new), words::CODE_TITLE, fields)
}

pub fn login_form() -> Form {
    let fields =
        vec![Field::text(words::USERNAME, words::USERNAME_HINT), Field::secret(words::PASSWORD, words::PASSWORD_HINT)];
    Form::new(FormKind::Login, words::LOGIN_TITLE, fields)
}

/// `with_key`: on one's own machine nobody needs to type the key that lies beside.
pub fn register_form(with_key: bool) -> Form {
    let mut fields = vec![
        Field::text(words::USERNAME, words::NEW_USERNAME_HINT),
        Field::secret(words::PASSWORD, words::NEW_PASSWORD_HINT),
        Field::text(words::FULL_NAME, words::OPTIONAL).optional(),
    ];
    if with_key {
        fields.push(Field::secret(words::ADMIN_KEY, words::ADMIN_KEY_HINT).optional());
    }
    Form::new(FormKind::Register, words::REGISTER_TITLE, fields)
}
