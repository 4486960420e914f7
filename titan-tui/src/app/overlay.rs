//! What lies over the screen: pickers (lists one can type into), forms and confirmations. The topmost gets every key first.
//!
//! A picker serves as switcher, search, help, menu and list alike; what its rows do is a [`Choice`].

use titan_core::{
    AccountId, AppId, AppPasswordId, ConversationId, EntryId, Secret, Seq, SessionId,
    client::Untrusted,
    protocol::{Account, FileInfo, Role},
};

use super::{
    directory::{Item, Section},
    event::Trouble,
    order::{Order, Seat, Step},
    question::Question,
};
use crate::{fuzzy, input::Editor, words};

/// One of the things that can lie over the screen.
pub enum Overlay {
    Picker(Box<Picker>),
    Form(Form),
    Confirm(Confirm),
}

/// A list to choose from, narrowed by typing.
pub struct Picker {
    pub kind: PickerKind,
    pub title: String,
    pub query: Editor,
    /// Everything that could be chosen.
    all: Vec<Row>,
    /// What matches, the best first.
    pub rows: Vec<Row>,
    pub at: usize,
    /// What is to be known of what is listed, on one line.
    pub about: String,
    /// Said where there is no row.
    pub empty: String,
}

/// What typing into a picker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PickerKind {
    /// Narrows, with the prefixes `# @ > /`.
    Switcher,
    /// Asks the cache and the server.
    Search,
    Emoji(Seq),
    /// Narrows what is listed.
    List,
    /// The same, of keys and commands.
    Help,
}

/// One line of a picker.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub text: String,
    pub detail: String,
    pub group: Group,
    pub choice: Choice,
}

/// What a row is; the switcher's prefixes go by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Heading,
    Plain,
    Room,
    Person,
    Thing,
    Command,
}

impl Row {
    pub fn new(text: impl Into<String>, detail: impl Into<String>, group: Group, choice: Choice) -> Self {
        Self { text: text.into(), detail: detail.into(), group, choice }
    }

    pub fn heading(text: impl Into<String>) -> Self {
        Self::new(text, "", Group::Heading, Choice::Nothing)
    }

    pub fn plain(text: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(text, detail, Group::Plain, Choice::Nothing)
    }
}

/// Something a person chose; `choices.rs` does it.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    Nothing,
    Quit,
    AskLogout,
    Logout,
    /// Trust the server, and try again.
    Believe(Box<Untrusted>, Attempt),
    Attempt(Attempt),
    Open(ConversationId),
    OpenAt(ConversationId, Seq),
    Join(ConversationId),
    LeaveRoom(ConversationId),
    /// And who gets it, where it is ours.
    Leave(ConversationId, Option<AccountId>),
    AskDeleteRoom(ConversationId),
    DeleteRoom(ConversationId),
    EditRoom(ConversationId),
    RoomMenu(ConversationId),
    Direct(AccountId),
    Person(Box<Account>),
    Mention(String),
    Blog(String),
    /// Put this into the composer.
    Write(String),
    Reply(Seq),
    Edit(Seq),
    AskDelete(Seq),
    Delete(ConversationId, Seq),
    PickEmoji(Seq),
    React(Seq, String),
    Copy(Seq),
    CopyText(String),
    OpenLink(Seq),
    Fetch(Box<FileInfo>),
    /// What else a search finds, before this entry.
    Further(EntryId),
    ShowApp(AppId),
    DeleteApp(AppId),
    CancelTransfer(u64),
    Profile,
    ChangePassword,
    Form(FormKind),
    Step(Step, Box<Account>),
    AskEnd(Box<Account>),
    /// With a form or a question first, where there is one.
    AskOrder(Order, Box<Seat>),
    Order(Order, Box<Seat>),
    Members(ConversationId),
    Sanctions(ConversationId),
    Unban(Box<Account>),
    SetRole(Box<Account>, Role),
    Sessions(Box<Account>),
    RevokeSession(SessionId),
    /// All of somebody's.
    EndSessions(AccountId),
    /// One of somebody's.
    EndSession(AccountId, SessionId),
    AddFactor,
    AskRemoveFactor,
    RemoveFactor,
    RecoveryCodes,
    AskRemoveAppPassword(AppPasswordId, String),
    RemoveAppPassword(AppPasswordId),
    AskRemove(Box<Account>),
    RemoveAccount(AccountId),
    LiftAddress(String),
    Section(Section),
    Item(Box<Item>),
    Unfold,
    /// These colours.
    Theme(String),
}

/// What was tried with a server that was not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// What is filled in at the door: logging in, registering.
    Enter,
    /// A link for a new password.
    Forgot,
    /// Going on in a session that is open already.
    Reconnect,
}

impl Picker {
    pub fn new(kind: PickerKind, title: impl Into<String>, rows: Vec<Row>) -> Self {
        let mut picker = Self {
            kind,
            title: title.into(),
            query: Editor::line(),
            all: rows,
            rows: Vec::new(),
            at: 0,
            about: String::new(),
            empty: words::NOTHING_MATCHES.to_owned(),
        };
        picker.narrow();
        picker
    }

    pub fn list(title: impl Into<String>, rows: Vec<Row>) -> Self {
        Self::new(PickerKind::List, title, rows)
    }

    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.about = about.into();
        self
    }

    pub fn or_say(mut self, empty: impl Into<String>) -> Self {
        self.empty = empty.into();
        self
    }

    /// Applies what has been typed.
    pub fn narrow(&mut self) {
        let query = self.query.text();
        self.rows = match self.kind {
            PickerKind::Search => return,
            PickerKind::Switcher => switcher_rows(&self.all, &query),
            _ if query.trim().is_empty() => self.all.clone(),
            _ => fuzzy::best(self.all.iter().filter(|row| row.group != Group::Heading), &query, |row| {
                format!("{} {}", row.text, row.detail)
            }),
        };
        self.at = self.first_choosable(0);
    }

    /// Replaces the rows, as when an answer came.
    pub fn set_rows(&mut self, rows: Vec<Row>) {
        self.all.clone_from(&rows);
        self.rows = rows;
        self.at = self.at.min(self.rows.len().saturating_sub(1));
    }

    /// Puts rows in the place of the last one, which asked for them; the cursor stays where it is.
    pub fn further_rows(&mut self, rows: Vec<Row>) {
        self.rows.pop();
        self.rows.extend(rows);
        self.all.clone_from(&self.rows);
        self.at = self.at.min(self.rows.len().saturating_sub(1));
    }

    pub fn is_help(&self) -> bool {
        self.kind == PickerKind::Help
    }

    pub fn chosen(&self) -> Option<&Row> {
        self.rows.get(self.at)
    }

    /// Moves over the headings, staying where there is nothing further.
    pub fn step(&mut self, by: isize) {
        let last = self.rows.len().saturating_sub(1);
        let mut to = self.at.saturating_add_signed(by).min(last);
        let step = if by < 0 { -1 } else { 1 };
        while self.rows.get(to).is_some_and(|row| row.group == Group::Heading) {
            let next = to.saturating_add_signed(step).min(last);
            if next == to {
                return;
            }
            to = next;
        }
        self.at = to;
    }

    fn first_choosable(&self, from: usize) -> usize {
        (from..self.rows.len()).find(|at| self.rows[*at].group != Group::Heading).unwrap_or(0)
    }
}

fn switcher_rows(all: &[Row], query: &str) -> Vec<Row> {
    let group = match query.chars().next() {
        Some('#') => Some(Group::Room),
        Some('@') => Some(Group::Person),
        Some('>') => Some(Group::Thing),
        Some('/') => Some(Group::Command),
        _ => None,
    };
    let rest = if group.is_some() { &query[1..] } else { query };
    let rows = all.iter().filter(|row| match group {
        Some(group) => row.group == group,
        None => !rest.trim().is_empty() || matches!(row.group, Group::Room | Group::Person),
    });
    match rest.trim() {
        "" => rows.cloned().collect(),
        rest => fuzzy::best(rows, rest, |row| row.text.clone()),
    }
}

/// Fields to fill in.
pub struct Form {
    pub kind: FormKind,
    pub title: String,
    pub fields: Vec<Field>,
    pub at: usize,
    pub error: Option<String>,
    /// The field that the error is about, where it is one.
    pub wrong: Option<usize>,
    /// Something good to know.
    pub note: Option<String>,
    /// Waiting for the answer.
    pub busy: bool,
    /// Something for the camera of a phone, beside the fields.
    pub scan: Option<Box<Scan>>,
}

/// A QR code, and what it says for who can't scan it.
pub struct Scan {
    pub drawn: Vec<String>,
    pub secret: String,
}

/// What a form is for.
#[derive(Clone, Debug, PartialEq)]
pub enum FormKind {
    CreateRoom,
    JoinRoom,
    JoinLocked(ConversationId),
    EditRoom(ConversationId),
    UploadApp,
    UploadFile(ConversationId),
    RejectApp(AppId),
    FindApps,
    Profile,
    ChangePassword,
    /// The password again, before this is asked; whether the form below asked it.
    Confirm(Box<Question>, bool),
    /// A password of one's own in place of one that somebody made up, to log in with: the name and that one.
    ChooseOwn(String, Secret),
    /// A code of the second factor, to log in with: beside the name, the password, and one in place of that.
    Code(String, Secret, Option<Secret>),
    /// The first code of a second factor that is being set up.
    ConfirmFactor,
    /// A new app password's name.
    AppPassword,
    ResetPassword(AccountId, String),
    Ban(AccountId, String),
    Kick(Seat),
    Mute(Seat),
    BanMember(Seat),
    Befriend,
    AddAccount,
    BanAddress,
    AdminKey,
    Export,
    DeleteAccount,
    Address,
    Login,
    Register,
}

/// One field of a form.
pub struct Field {
    pub label: &'static str,
    pub hint: &'static str,
    pub value: Value,
    pub required: bool,
}

/// What a field holds.
pub enum Value {
    Text(Box<Editor>),
    Pick { options: Vec<String>, at: usize },
}

impl Field {
    pub fn text(label: &'static str, hint: &'static str) -> Self {
        Self { label, hint, value: Value::Text(Box::new(Editor::line())), required: true }
    }

    pub fn secret(label: &'static str, hint: &'static str) -> Self {
        Self { label, hint, value: Value::Text(Box::new(Editor::secret())), required: true }
    }

    pub fn pick(label: &'static str, hint: &'static str, options: Vec<String>) -> Self {
        Self { label, hint, value: Value::Pick { options, at: 0 }, required: true }
    }

    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    pub fn holding(mut self, text: &str) -> Self {
        if let Value::Text(editor) = &mut self.value {
            editor.set(text);
        }
        self
    }
}

impl Form {
    pub fn new(kind: FormKind, title: impl Into<String>, fields: Vec<Field>) -> Self {
        Self { kind, title: title.into(), fields, at: 0, error: None, wrong: None, note: None, busy: false, scan: None }
    }

    /// A field's text; passwords keep their spaces.
    pub fn text(&self, at: usize) -> String {
        match self.fields.get(at).map(|field| &field.value) {
            Some(Value::Text(editor)) => editor.text(),
            Some(Value::Pick { options, at }) => options.get(*at).cloned().unwrap_or_default(),
            None => String::new(),
        }
    }

    pub fn trimmed(&self, at: usize) -> String {
        self.text(at).trim().to_owned()
    }

    /// A field's text, none if it was left empty.
    pub fn given(&self, at: usize) -> Option<String> {
        Some(self.text(at)).filter(|text| !text.trim().is_empty())
    }

    /// Puts a text into a field.
    pub fn fill(&mut self, at: usize, text: &str) {
        if let Some(Value::Text(editor)) = self.fields.get_mut(at).map(|field| &mut field.value) {
            editor.set(text);
        }
    }

    /// Says what is wrong, beside the field that it is about.
    pub fn blame(&mut self, trouble: Trouble) {
        let labels: &[&str] = match trouble.field.as_deref() {
            Some("username") => &[words::USERNAME],
            Some("password" | "new" | "new_password") => &[words::PASSWORD, words::NEW_PASSWORD],
            Some("code") => &[words::CODE],
            _ => &[],
        };
        self.wrong = self.fields.iter().position(|field| labels.contains(&field.label));
        self.at = self.wrong.unwrap_or(self.at);
        self.busy = false;
        self.error = Some(trouble.text);
    }

    pub fn step(&mut self, by: isize) {
        let count = self.fields.len().max(1);
        self.at = (self.at + count).saturating_add_signed(by) % count;
    }

    /// Whether everything that must be given is.
    pub fn is_complete(&self) -> bool {
        (0..self.fields.len()).all(|at| !self.fields[at].required || !self.text(at).is_empty())
    }
}

/// A question before something that can't be taken back.
pub struct Confirm {
    pub question: String,
    pub detail: String,
    pub yes: &'static str,
    /// It may appear under fingers that type: no letter and no enter says yes.
    pub careful: bool,
    pub choice: Choice,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Row> {
        vec![
            Row::new("general", "", Group::Room, Choice::Open(ConversationId(1))),
            Row::new("gerda", "", Group::Person, Choice::Direct(AccountId(2))),
            Row::new("garden tool", "", Group::Thing, Choice::ShowApp(AppId(3))),
            Row::new("/create", "", Group::Command, Choice::Write("/create ".into())),
        ]
    }

    #[test]
    fn the_switchers_prefixes_narrow_to_one_kind() {
        let mut picker = Picker::new(PickerKind::Switcher, "", rows());
        assert_eq!(picker.rows.len(), 2, "rooms and people before anything is typed");
        for (query, first) in
            [("#g", "general"), ("@g", "gerda"), (">", "garden tool"), ("/cr", "/create"), ("ger", "gerda")]
        {
            picker.query.set(query);
            picker.narrow();
            assert_eq!(picker.rows[0].text, first, "{query}");
        }
    }

    #[test]
    fn what_is_wrong_stands_beside_its_field() {
        let fields = vec![Field::text(words::USERNAME, ""), Field::secret(words::PASSWORD, "")];
        let mut form = Form { busy: true, ..Form::new(FormKind::Register, "", fields) };
        let fault = titan_core::protocol::Fault::bad_request("A password needs at least 8 characters.").at("password");
        form.blame(fault.into());
        assert_eq!((form.wrong, form.at, form.busy), (Some(1), 1, false));
        form.blame(Trouble::new("No server answers."));
        assert_eq!((form.wrong, form.error.as_deref()), (None, Some("No server answers.")));
    }

    #[test]
    fn steps_pass_over_headings() {
        let mut picker =
            Picker::list("", vec![Row::heading("a"), Row::plain("1", ""), Row::heading("b"), Row::plain("2", "")]);
        assert_eq!(picker.at, 1);
        picker.step(1);
        assert_eq!(picker.at, 3);
        picker.step(-1);
        assert_eq!(picker.at, 1);
        picker.step(-1);
        assert_eq!(picker.at, 1);
    }
}
