//! A state to draw and press keys on, without a server: two people in two rooms, an app or two, transfers.
#![allow(dead_code, reason = "each test file uses its part")]

use jiff::tz::TimeZone;
use ratatui::{Terminal, backend::TestBackend, crossterm::event::KeyEvent};
use titan_core::{
    AccountId, AppId, BlobId, ConversationId, EntryId, FileId, Seq, SessionId, Time, TitanNumber,
    protocol::{
        Account, AccountStanding, AddressBan, App, AppState, AuditAct, Author, Body, Category, Conversation, Entry,
        FileInfo, Member, MemberRole, Message, Person, Reaction, Relation, RelationKind, Relations, Reply,
        RepositoryStats, Role, Room, RoomKind, SessionInfo, What,
    },
};
use titan_tui::{
    app::{
        effect::{Effect, Then},
        event::{Event, Loaded, Restored},
        state::{Cargo, Link, SavedTransfer, ServerInfo, State, TransferState},
        update::update,
    },
    keymap::Chord,
    panes::{LineCache, view},
    settings::Settings,
};

/// Friday 20 November 2026, 14:00 UTC.
pub const NOON: i64 = 1_795_183_200_000;
pub const GENERAL: ConversationId = ConversationId(1);
pub const RUST: ConversationId = ConversationId(2);
pub const BOB_DIRECT: ConversationId = ConversationId(3);

pub fn account(id: i64, name: &str, role: Role) -> Account {
    Account {
        id: AccountId(id),
        username: name.into(),
        titan_number: TitanNumber(10_000 + id),
        full_name: (id == 2).then(|| "Bob Builder".into()),
        blog_url: None,
        role,
        created_at: Time(NOON),
    }
}

pub fn ada() -> Account {
    account(1, "ada", Role::Admin)
}

pub fn bob() -> Account {
    account(2, "bob", Role::User)
}

pub fn author(account: &Account) -> Author {
    Author { id: account.id, username: account.username.clone(), titan_number: account.titan_number }
}

pub fn room(id: ConversationId, name: &str, description: &str) -> Room {
    Room {
        id,
        name: name.into(),
        description: description.into(),
        kind: RoomKind::Text,
        locked: false,
        owner: (id != GENERAL).then(|| author(&ada())),
        members: 2,
        created_at: Time(NOON),
        joined: true,
    }
}

pub fn conversation(id: ConversationId, what: What, unread: u64, mentions: u64) -> Conversation {
    Conversation {
        id,
        what,
        head: Seq(0),
        read: Seq(0),
        unread,
        mentions,
        active_at: Some(Time(NOON)),
        room_role: MemberRole::Member,
        muted_until: None,
    }
}

pub fn said(id: ConversationId, seq: i64, who: &Account, minutes: i64, text: &str) -> Entry {
    entry(id, seq, who, minutes, Body::Message(Message { text: text.into(), ..Message::default() }))
}

pub fn entry(id: ConversationId, seq: i64, who: &Account, minutes: i64, body: Body) -> Entry {
    Entry {
        conversation: id,
        seq: Seq(seq),
        id: EntryId(id.0 * 1_000 + seq),
        author: author(who),
        at: Time(NOON + minutes * 60_000),
        client_id: None,
        body,
    }
}

/// A log with something of everything.
pub fn story() -> Vec<Entry> {
    let (ada, bob) = (ada(), bob());
    let answer = Message {
        text:
            "It does. See https://example.org/docs and try:\n```rust\nlet titan = Client::connect(options).await?;\n```"
                .into(),
        reply_to: Some(Seq(3)),
        reactions: vec![
            Reaction { emoji: "👍".into(), accounts: vec![ada.id] },
            Reaction { emoji: "🎉".into(), accounts: vec![ada.id, bob.id] },
        ],
        ..Message::default()
    };
    let file = FileInfo { id: FileId(9), name: "notes.pdf".into(), size: 1_234_567, sha256: BlobId([7; 32]) };
    let with_file = Message { text: "The notes:".into(), file: Some(file), ..Message::default() };
    let edited = Message { text: "Second thoughts".into(), edited: Some(Seq(9)), ..Message::default() };
    vec![
        entry(GENERAL, 1, &ada, -1_500, Body::Joined {}),
        entry(GENERAL, 2, &bob, -1_499, Body::Joined {}),
        said(GENERAL, 3, &bob, -30, "Does **Titan** work over *slow* lines?"),
        entry(GENERAL, 4, &ada, -29, Body::Message(answer)),
        said(GENERAL, 5, &bob, -20, "- one\n- two\n\n> quoted wisdom"),
        entry(GENERAL, 6, &bob, -19, Body::Message(with_file)),
        entry(GENERAL, 7, &bob, -18, Body::Message(edited)),
        entry(GENERAL, 8, &ada, -5, Body::Message(Message { deleted: true, ..Message::default() })),
        said(
            GENERAL,
            10,
            &bob,
            -1,
            "@ada 漢字 and 👩‍👩‍👧 keep their width, and a line that is long enough to be wrapped in the middle pane does so by words",
        ),
    ]
}

/// Nobody logged in, nothing known.
pub fn blank(width: u16, height: u16) -> State {
    let mut state = State::new(Settings::default(), Time(NOON), TimeZone::UTC, (width, height));
    state.can_host = true;
    state.downloads = "/home/ada/Downloads".into();
    state
}

/// Ada, online, in `general`.
pub fn chatting(width: u16, height: u16) -> State {
    let mut state = blank(width, height);
    state.server = Some(ServerInfo { url: "https://chat.example.org".into(), hosted: false });
    state.screen = titan_tui::app::state::Screen::Chat;
    let restored = Restored {
        me: Some(ada()),
        conversations: vec![
            conversation(GENERAL, What::Room(room(GENERAL, "general", "Everybody is here.")), 0, 0),
            conversation(RUST, What::Room(room(RUST, "rust", "Crabs welcome")), 3, 1),
            conversation(BOB_DIRECT, What::Direct(bob()), 1, 0),
        ],
        open: Some(GENERAL),
        ..Restored::default()
    };
    update(&mut state, Event::Restored(Box::new(restored)));
    update(&mut state, Event::Link(Link::Online));
    state.chat.rooms = vec![room(GENERAL, "general", "Everybody is here."), room(RUST, "rust", "Crabs welcome")];
    let member = |account: Account, online| Member {
        person: Person { account, online },
        room_role: MemberRole::Member,
        joined_at: Time(NOON),
        muted_until: None,
    };
    let eve = account(3, "eve", Role::User);
    let members = vec![member(eve, false), member(bob(), true), member(ada(), true)];
    for member in members.iter().filter(|member| member.person.online) {
        state.people.online.insert(member.person.account.id, member.person.clone());
    }
    state.people.members.insert(GENERAL, members);
    load(&mut state, GENERAL, story());
    state
}

pub fn load(state: &mut State, conversation: ConversationId, entries: Vec<Entry>) {
    let loaded = Loaded { conversation, entries, at_start: true, more_follows: false, focus: None };
    update(state, Event::Loaded(loaded));
}

pub fn app(id: i64, name: &str, category: Category, state: AppState) -> App {
    App {
        id: AppId(id),
        name: name.into(),
        description: "Does *one* thing well.".into(),
        category,
        version: "1.2".into(),
        author: author(&bob()),
        file_name: "tool.tar.gz".into(),
        size: 3_500_000,
        sha256: BlobId([id as u8; 32]),
        state,
        decided_by: (state == AppState::Approved).then(|| author(&ada())),
        decided_at: None,
        reason: None,
        downloads: 42,
        uploaded_at: Time(NOON),
    }
}

pub fn with_apps(state: &mut State) {
    state.repository.apps = vec![
        app(1, "Fine Tool", Category::Application, AppState::Approved),
        app(2, "Cave Game", Category::Game, AppState::Pending),
    ];
    state.repository.stats = Some(RepositoryStats {
        approved: 1,
        pending: 1,
        downloads: 42,
        categories: [("application".to_owned(), 1)].into(),
    });
    state.repository.loading = false;
}

pub fn with_transfers(state: &mut State) {
    let saved = |name: &str, done, finished, sha256| SavedTransfer {
        cargo: Cargo::FetchApp(AppId(1)),
        name: name.into(),
        path: "/home/ada/Downloads/tool.tar.gz".into(),
        size: 3_500_000,
        done,
        sha256,
        finished,
    };
    let list = vec![
        saved("running.tar.gz", 1_400_000, false, None),
        saved("paused.tar.gz", 700_000, false, None),
        saved("done.tar.gz", 3_500_000, true, Some(BlobId([1; 32]))),
    ];
    titan_tui::app::update::transfers::restore(state, list);
    state.notice = None;
    let running = &mut state.transfers.list[0];
    running.state = TransferState::Running;
    running.rate = 250_000.0;
}

/// Somebody more, beside ada, bob and eve.
pub fn other(id: i64, name: &str) -> Account {
    account(id, name, Role::User)
}

pub fn related(account: Account, online: bool, relation: RelationKind) -> Relation {
    Relation { person: Person { account, online }, relation, since: Time(NOON - 86_400_000) }
}

/// A friend online and one who isn't, a request each way, somebody blocked.
pub fn with_relations(state: &mut State) {
    let relations = vec![
        related(other(8, "zoe"), false, RelationKind::Friend),
        related(bob(), true, RelationKind::Friend),
        related(other(3, "eve"), false, RelationKind::Requests),
        related(other(6, "yan"), false, RelationKind::Requested),
        related(other(5, "mallory"), false, RelationKind::Blocked),
    ];
    answer(state, Then::Relations, Reply::Relations(Relations { relations }));
}

/// What the admins' sections list.
pub fn with_house(state: &mut State) {
    let standing =
        |account: Account, banned| AccountStanding { account, banned, last_login: Some(Time(NOON - 60_000)) };
    let accounts = vec![standing(ada(), false), standing(bob(), false), standing(other(5, "mallory"), true)];
    state.directory.accounts = accounts;
    state.directory.addresses = vec![AddressBan { address: "192.0.2.7".into(), reason: "Floods the house".into() }];
    let act = |minutes: i64, act: &str, object: &str, detail: &str| AuditAct {
        at: Time(NOON - minutes * 60_000),
        by: Some(author(&ada())),
        act: act.into(),
        object: object.into(),
        detail: detail.into(),
    };
    state.directory.acts = vec![
        act(1, "mute", "account 2 in room 2", "Too loud"),
        act(9, "ban", "account 5", "Spam, again and again, in each and every room"),
        AuditAct { by: None, ..act(60, "set_role", "account 1", "") },
    ];
    let session = |id, current| SessionInfo {
        id: SessionId(id),
        door: "native".into(),
        address: Some("198.51.100.23".into()),
        created_at: Time(NOON - 86_400_000),
        last_seen: Time(NOON - id * 60_000),
        current,
    };
    state.directory.sessions = vec![session(1, true), session(2, false)];
    state.directory.loading = false;
}

/// The room "rust", open, with its owner ada, bob a moderator, and eve and yan.
pub fn in_rust(width: u16, height: u16) -> State {
    let mut state = chatting(width, height);
    let member = |account: Account, online, room_role| Member {
        person: Person { account, online },
        room_role,
        joined_at: Time(NOON),
        muted_until: None,
    };
    let members = vec![
        member(ada(), true, MemberRole::Owner),
        member(bob(), true, MemberRole::Moderator),
        member(other(3, "eve"), false, MemberRole::Member),
        member(other(6, "yan"), false, MemberRole::Member),
    ];
    state.people.members.insert(RUST, members);
    press(&mut state, &["alt-down"]);
    load(&mut state, RUST, vec![said(RUST, 1, &ada(), -10, "Borrow what you need.")]);
    state
}

/// Makes ada what she is in a room, and whether she is an admin.
pub fn ada_is(state: &mut State, role: Role, room_role: MemberRole) {
    state.me.as_mut().unwrap().role = role;
    state.chat.conversation_mut(RUST).unwrap().room_role = room_role;
    let members = state.people.members.get_mut(&RUST).unwrap();
    members[0].room_role = room_role;
    members[0].person.account.role = role;
}

pub fn answer(state: &mut State, then: Then, reply: Reply) -> Vec<Effect> {
    update(state, Event::Answer(then, Ok(reply)))
}

/// Presses keys by their names, drawing after each as the loop does.
pub fn press(state: &mut State, keys: &[&str]) -> Vec<Effect> {
    let mut effects = Vec::new();
    for key in keys {
        let chord = Chord::parse(key).unwrap_or_else(|| panic!("{key} is no key"));
        effects.extend(update(state, Event::Key(KeyEvent::new(chord.code(), chord.modifiers()))));
        draw(state);
    }
    effects
}

/// Types a text letter by letter.
pub fn type_text(state: &mut State, text: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    for letter in text.chars() {
        let key = if letter == ' ' { "space".to_owned() } else { letter.to_string() };
        effects.extend(press(state, &[&key]));
    }
    effects
}

/// Types a line and sends it.
pub fn enter_line(state: &mut State, text: &str) -> Vec<Effect> {
    let mut effects = update(state, Event::Paste(text.to_owned()));
    effects.extend(press(state, &["enter"]));
    effects
}

/// Draws, keeping what the loop keeps; gives the screen as text.
pub fn draw(state: &mut State) -> String {
    let mut terminal = Terminal::new(TestBackend::new(state.size.0, state.size.1)).unwrap();
    let mut lines = LineCache::default();
    let mut drawn = None;
    terminal.draw(|frame| drawn = Some(view(frame, state, &mut lines))).unwrap();
    state.drawn = drawn.unwrap();
    terminal.backend().to_string()
}
