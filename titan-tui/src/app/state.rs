//! All that the screen knows, as plain data. `update` changes it, `view` reads it, and neither touches anything else.
//!
//! Text of others is `SafeText` from the wire on; what a person types is kept as it is, and drawn without what is no character to see.

pub mod repository;
pub mod server;
pub mod transfers;

pub use repository::{AppQuery, Repository, Shelf};
pub use server::{Link, ServerInfo};
pub use transfers::{Cargo, SavedTransfer, Transfer, TransferId, TransferState, Transfers};

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
};

use jiff::tz::TimeZone;
use titan_core::{
    AccountId, ConversationId, Seq, Time,
    protocol::{Account, Author, Conversation, Member, Person, Relation, Role, Room, What},
    text::look_alike,
};

use super::{
    composer::{Composer, UnderWay},
    directory::Directory,
    log::Log,
    overlay::Overlay,
    question::TakeBack,
    wizard::Wizard,
};
use crate::{
    keymap::Keymap,
    settings::Settings,
    theme::{Theme, Themes},
};

/// Everything.
pub struct State {
    /// The clock as of the event being handled.
    pub now: Time,
    pub zone: TimeZone,
    pub size: (u16, u16),
    pub settings: Settings,
    pub keymap: Keymap,
    pub theme: Theme,
    /// The themes that there are, and the name of the one that was chosen: while one looks for another, `theme` is what is looked at.
    pub themes: Themes,
    pub worn: String,
    /// Whether a person answers questions; a pipe doesn't.
    pub can_ask: bool,
    /// Whether this build can start a server itself.
    pub can_host: bool,
    pub downloads: PathBuf,
    /// What `~` means in a path.
    pub home: Option<PathBuf>,

    pub screen: Screen,
    pub pane: Pane,
    pub wizard: Wizard,
    pub overlays: Vec<Overlay>,
    pub notice: Option<Notice>,
    pub attended: bool,
    /// When it rang last.
    pub rung_at: Time,
    pub drawn: Drawn,

    pub server: Option<ServerInfo>,
    pub link: Link,
    /// Whether it was told that the connection is lost, and why.
    pub told_lost: bool,
    pub me: Option<Account>,
    pub chat: Chat,
    pub people: People,
    pub composer: Composer,
    pub repository: Repository,
    pub transfers: Transfers,
    pub directory: Directory,
    /// What a key takes back.
    pub take_back: Option<TakeBack>,
    pub search_generation: u64,
}

/// What fills the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    Wizard,
    Chat,
    Repository,
    Transfers,
    People,
}

/// Which part of the chat the keys go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    Conversations,
    Timeline,
    Composer,
    People,
}

/// A line at the bottom that goes away by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub text: String,
    pub bad: bool,
    pub until: Time,
}

/// Conversations and what is known of them.
#[derive(Default)]
pub struct Chat {
    pub conversations: Vec<Conversation>,
    /// All rooms of the server, joined or not.
    pub rooms: Vec<Room>,
    pub logs: HashMap<ConversationId, Log>,
    pub open: Option<ConversationId>,
    /// The line of the list that the keys are on.
    pub cursor: Option<ConversationId>,
    /// The open one, where it was unread: it stays where it stood until one leaves it.
    pub came_unread: Option<ConversationId>,
    pub drafts: HashMap<ConversationId, String>,
    /// What is kept of what stands beside them.
    pub under_way: BTreeMap<ConversationId, UnderWay>,
    /// What is under way in other conversations beside their drafts: an answer, a change of a message.
    pub parked: HashMap<ConversationId, Composer>,
    pub typing: Vec<(ConversationId, Author, Time)>,
    /// When the read mark of the open conversation is to be sent.
    pub mark_due: Option<Time>,
    /// Whether the server's list came in this session.
    pub synced: bool,
}

/// Who is there.
#[derive(Default)]
pub struct People {
    pub online: BTreeMap<AccountId, Person>,
    pub members: HashMap<ConversationId, Vec<Member>>,
    /// Friends, requests, people blocked.
    pub relations: BTreeMap<AccountId, Relation>,
    pub cursor: usize,
}

/// What the last frame put where. `view` makes it, the loop hands it back: scrolling and clicks need it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    pub hits: Vec<(ratatui::layout::Rect, Hit)>,
    pub timeline_height: u16,
    /// The entry and line of it at the bottom and at the top of the timeline.
    pub bottom: Option<(Seq, isize)>,
    pub top: Option<(Seq, usize)>,
    /// Lines that could still be scrolled up to.
    pub above: usize,
    pub below: bool,
    pub overlay_height: u16,
}

/// What a click at some place means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    Pane(Pane),
    Conversation(ConversationId),
    Person(usize),
    Message(Seq),
    View(Screen),
    Shelf(usize),
    App(usize),
    Transfer(usize),
    Section(usize),
    Line(usize),
    Row(usize),
    Field(usize),
    Outside,
}

impl State {
    pub fn new(settings: Settings, now: Time, zone: TimeZone, size: (u16, u16)) -> Self {
        let (keymap, troubles) = Keymap::with(&settings.keys);
        let themes = Themes::default();
        let theme = themes.theme(&settings.theme);
        let worn = settings.theme.clone();
        let mut state = Self {
            now,
            zone,
            size,
            settings,
            keymap,
            theme,
            themes,
            worn,
            can_ask: true,
            can_host: false,
            downloads: PathBuf::new(),
            home: None,
            screen: Screen::Wizard,
            pane: Pane::Composer,
            wizard: Wizard::default(),
            overlays: Vec::new(),
            notice: None,
            attended: true,
            rung_at: Time(0),
            drawn: Drawn::default(),
            server: None,
            link: Link::None,
            told_lost: false,
            me: None,
            chat: Chat::default(),
            people: People::default(),
            composer: Composer::default(),
            repository: Repository::default(),
            transfers: Transfers::default(),
            directory: Directory::default(),
            take_back: None,
            search_generation: 0,
        };
        if !troubles.is_empty() {
            state.complain(troubles.join(" "));
        }
        state
    }

    /// Shows a line for some seconds.
    pub fn say(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), bad: false, until: Time(self.now.0 + 5_000) });
    }

    /// Shows a line that one may want to act upon.
    pub fn say_longer(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), bad: false, until: Time(self.now.0 + 15_000) });
    }

    /// Shows a line about something that went wrong, for longer.
    pub fn complain(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), bad: true, until: Time(self.now.0 + 10_000) });
    }

    pub fn is_admin(&self) -> bool {
        self.me.as_ref().is_some_and(|me| me.role == Role::Admin)
    }

    pub fn is_me(&self, account: AccountId) -> bool {
        self.me.as_ref().is_some_and(|me| me.id == account)
    }

    pub fn is_online(&self) -> bool {
        self.link == Link::Online
    }

    /// The conversation that is open.
    pub fn open(&self) -> Option<&Conversation> {
        self.chat.open.and_then(|id| self.chat.conversation(id))
    }

    pub fn open_log(&self) -> Option<&Log> {
        self.chat.open.and_then(|id| self.chat.logs.get(&id))
    }

    pub fn open_log_mut(&mut self) -> Option<&mut Log> {
        let open = self.chat.open?;
        Some(self.chat.logs.entry(open).or_default())
    }

    /// The people of the open conversation, online first, then by name.
    pub fn people_here(&self) -> Vec<(Person, titan_core::protocol::MemberRole)> {
        let members = self.chat.open.and_then(|id| self.people.members.get(&id));
        let mut people: Vec<_> = members
            .into_iter()
            .flatten()
            .map(|member| {
                let online = self.people.online.get(&member.person.account.id).is_some_and(|person| person.online);
                (Person::new(member.person.account.clone(), online), member.room_role)
            })
            .collect();
        people.sort_by_cached_key(|(person, _)| (!person.online, person.account.username.to_lowercase()));
        people
    }

    /// Everybody we have heard of, for completion and the switcher.
    pub fn known_people(&self) -> Vec<&Account> {
        let mut known: BTreeMap<AccountId, &Account> = BTreeMap::new();
        let members = self.people.members.values().flatten().map(|member| &member.person.account);
        let online = self.people.online.values().map(|person| &person.account);
        let directs = self.chat.conversations.iter().filter_map(|conversation| conversation.what.direct());
        let related = self.people.relations.values().map(|relation| &relation.person.account);
        let accounts = self.directory.accounts.iter().map(|standing| &standing.account);
        members.chain(online).chain(directs).chain(related).chain(accounts).for_each(|account| {
            known.insert(account.id, account);
        });
        known.into_values().collect()
    }

    /// When something on the screen changes without an event; none while nothing does, so that an idle client sleeps.
    pub fn wake_at(&self) -> Option<Time> {
        let notice = self.notice.as_ref().map(|notice| notice.until);
        let typing = self.chat.typing.iter().map(|(_, _, until)| *until).min();
        let countdown = match &self.link {
            Link::Waiting { until, .. } if until.0 > self.now.0 => Some(Time(self.now.0 + 1_000)),
            _ => None,
        };
        let muted = self.muted_until().filter(|until| *until != Time::FOREVER);
        [notice, typing, muted, countdown, self.chat.mark_due, self.composer.draft_due].into_iter().flatten().min()
    }
}

impl Chat {
    pub fn conversation(&self, id: ConversationId) -> Option<&Conversation> {
        self.conversations.iter().find(|conversation| conversation.id == id)
    }

    pub fn conversation_mut(&mut self, id: ConversationId) -> Option<&mut Conversation> {
        self.conversations.iter_mut().find(|conversation| conversation.id == id)
    }

    /// Rooms by name, `general` first; then directs, the latest first: the order on the screen.
    pub fn ordered(&self) -> Vec<&Conversation> {
        let mut ordered: Vec<_> = self.conversations.iter().collect();
        ordered.sort_by_cached_key(|conversation| order(conversation));
        ordered
    }

    /// In the order of the list on the screen: what is unread first, who is meant before the rest; then rooms, then directs.
    pub fn by_need(&self) -> Vec<(Need, &Conversation)> {
        let mut ordered: Vec<_> = self.conversations.iter().map(|it| (self.need(it), it)).collect();
        ordered.sort_by_cached_key(|(need, it)| (*need, it.mentions == 0 && *need == Need::Unread, order(it)));
        ordered
    }

    fn need(&self, conversation: &Conversation) -> Need {
        let id = Some(conversation.id);
        let unread = conversation.unread > 0 && id != self.open;
        match &conversation.what {
            _ if unread || id == self.came_unread => Need::Unread,
            What::Direct(_) => Need::Direct,
            _ => Need::Room,
        }
    }

    pub fn room_named(&self, name: &str) -> Option<&Room> {
        let wanted = name.trim().trim_start_matches('#');
        let mine = || self.conversations.iter().filter_map(|conversation| conversation.what.room()).chain(&self.rooms);
        let key = look_alike(wanted);
        mine().find(|room| room.name.as_str() == wanted).or_else(|| mine().find(|room| look_alike(&room.name) == key))
    }

    /// `#room` or `@person`, as it is shown.
    pub fn title_of(&self, id: ConversationId) -> String {
        self.conversation(id).map(title).unwrap_or_default()
    }

    /// A room's name, whether one is in it or not.
    pub fn room_name(&self, id: ConversationId) -> String {
        let joined = self.conversation(id).and_then(|conversation| conversation.what.room());
        let room = joined.or_else(|| self.rooms.iter().find(|room| room.id == id));
        room.map(|room| room.name.to_string()).unwrap_or_default()
    }

    pub fn unread_total(&self) -> u64 {
        self.conversations.iter().map(|conversation| conversation.unread).sum()
    }

    pub fn mentions_total(&self) -> u64 {
        self.conversations.iter().map(|conversation| conversation.mentions).sum()
    }
}

fn order(conversation: &Conversation) -> (u8, std::cmp::Reverse<i64>, String) {
    match &conversation.what {
        What::Room(room) if room.owner.is_none() => (0, std::cmp::Reverse(0), String::new()),
        What::Room(room) => (1, std::cmp::Reverse(0), room.name.to_lowercase()),
        What::Direct(account) => {
            let active = conversation.active_at.map_or(0, |at| at.0);
            (2, std::cmp::Reverse(active), account.username.to_lowercase())
        }
        _ => (3, std::cmp::Reverse(0), String::new()),
    }
}

/// Where a conversation stands in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    Unread,
    Room,
    Direct,
}

/// A conversation's name as it is shown: `#room` or `@person`.
pub fn title(conversation: &Conversation) -> String {
    match &conversation.what {
        What::Room(room) => format!("#{}", room.name),
        What::Direct(account) => format!("@{}", account.username),
        _ => crate::words::NEWER_CONVERSATION.to_owned(),
    }
}
