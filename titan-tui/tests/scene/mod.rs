//! A state to draw and press keys on, without a server: two people in two rooms, an app or two, transfers.

use jiff::tz::TimeZone;
use ratatui::{Terminal, backend::TestBackend, crossterm::event::KeyEvent};
use titan_core::{
    AccountId, AppId, BlobId, ConversationId, EntryId, FileId, Seq, SessionId, Time, TitanNumber,
    protocol::{
        Account, AccountStanding, AddressBan, App, AppState, AuditAct, AuditChain, Author, Body, Category, Command,
        Conversation, Entry, FileInfo, Member, MemberRole, Message, Person, Place, Reaction, Relation, RelationKind,
        RepositoryStats, Right, Role, Room, SessionInfo, What,
    },
};
use titan_tui::{
    app::{
        effect::Effect,
        event::{Event, Loaded, Restored},
        question::Answer,
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
    let mut account = Account::new(AccountId(id), name.into(), TitanNumber(10_000 + id), Time(NOON));
    account.full_name = (id == 2).then(|| "Bob Builder".into());
    account.role = role;
    account
}

pub fn ada() -> Account {
    account(1, "ada", Role::Admin)
}

pub fn bob() -> Account {
    account(2, "bob", Role::User)
}

pub fn author(account: &Account) -> Author {
    account.author()
}

pub fn room(id: ConversationId, name: &str, description: &str) -> Room {
    let mut room = Room::new(id, name.into(), Time(NOON));
    room.description = description.into();
    room.owner = (id != GENERAL).then(|| author(&ada()));
    (room.members, room.joined) = (2, true);
    room
}

pub fn conversation(id: ConversationId, what: What, unread: u64, mentions: u64) -> Conversation {
    let mut conversation = Conversation::new(id, what);
    (conversation.unread, conversation.mentions) = (unread, mentions);
    conversation.active_at = Some(Time(NOON));
    conversation.may = Some(rights(id, Role::Admin, MemberRole::Member));
    conversation
}

pub fn said(id: ConversationId, seq: i64, who: &Account, minutes: i64, text: &str) -> Entry {
    entry(id, seq, who, minutes, Body::Message(Message::new(text.into())))
}

pub fn entry(id: ConversationId, seq: i64, who: &Account, minutes: i64, body: Body) -> Entry {
    let at = Time(NOON + minutes * 60_000);
    Entry::new(Place::new(id, Seq(seq)), EntryId(id.0 * 1_000 + seq), author(who), at, body)
}

/// A log with something of everything.
pub fn story() -> Vec<Entry> {
    let (ada, bob) = (ada(), bob());
    let mut answer = Message::new(
        "It does. See https://example.org/docs and try:\n```rust\nlet titan = Client::connect(options).await?;\n```"
            .into(),
    );
    answer.reply_to = Some(Seq(3));
    answer.reactions = vec![Reaction::new("👍".into(), vec![ada.id]), Reaction::new("🎉".into(), vec![ada.id, bob.id])];
    let file = FileInfo::new(FileId(9), "notes.pdf".into(), 1_234_567, BlobId([7; 32]));
    let with_file = Message::new("The notes:".into()).with_file(file);
    let mut edited = Message::new("Second thoughts".into());
    edited.edited = Some(Seq(9));
    vec![
        entry(GENERAL, 1, &ada, -1_500, Body::joined()),
        entry(GENERAL, 2, &bob, -1_499, Body::joined()),
        said(GENERAL, 3, &bob, -30, "Does **Titan** work over *slow* lines?"),
        entry(GENERAL, 4, &ada, -29, Body::Message(answer)),
        said(GENERAL, 5, &bob, -20, "- one\n- two\n\n> quoted wisdom"),
        entry(GENERAL, 6, &bob, -19, Body::Message(with_file)),
        entry(GENERAL, 7, &bob, -18, Body::Message(edited)),
        entry(GENERAL, 8, &ada, -5, Body::Message(Message::erased(None))),
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
    let member = |account: Account, online| Member::new(Person::new(account, online), Time(NOON));
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
    let mut app = App::new(AppId(id), category, author(&bob()), BlobId([id as u8; 32]), Time(NOON));
    (app.name, app.version, app.file_name) = (name.into(), "1.2".into(), "tool.tar.gz".into());
    app.description = "Does *one* thing well.".into();
    (app.size, app.downloads) = (3_500_000, 42);
    app.state = state;
    app.decided_by = (state == AppState::Approved).then(|| author(&ada()));
    app
}

pub fn with_apps(state: &mut State) {
    state.repository.apps = vec![
        app(1, "Fine Tool", Category::Application, AppState::Approved),
        app(2, "Cave Game", Category::Game, AppState::Pending),
    ];
    let mut stats = RepositoryStats::default();
    (stats.approved, stats.pending, stats.downloads) = (1, 1, 42);
    stats.categories = [("application".to_owned(), 1)].into();
    state.repository.stats = Some(stats);
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
    Relation::new(Person::new(account, online), relation, Time(NOON - 86_400_000))
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
    answer(state, Answer::Relations(relations.into()));
}

/// What the admins' sections list.
pub fn with_house(state: &mut State) {
    let standing = |account: Account, banned| {
        let mut standing = AccountStanding::new(account);
        (standing.banned, standing.last_login) = (banned, Some(Time(NOON - 60_000)));
        standing
    };
    let accounts = vec![standing(ada(), false), standing(bob(), false), standing(other(5, "mallory"), true)];
    state.directory.accounts = accounts;
    state.directory.addresses = vec![AddressBan::new("192.0.2.7".into(), "Floods the house".into())];
    let act = |minutes: i64, act: &str, object: &str, detail: &str| {
        let mut act = AuditAct::new(1_000 - minutes, Time(NOON - minutes * 60_000), act.into(), object.into());
        (act.by, act.detail) = (Some(author(&ada())), detail.into());
        (act.door, act.address) = (Some("native".into()), Some("198.51.100.23".into()));
        act
    };
    let by_the_operator = AuditAct::new(940, Time(NOON - 60 * 60_000), "set_role".into(), "account 1".into());
    state.directory.acts = vec![
        act(1, "mute", "account 2 in room 2", "Too loud"),
        act(9, "ban", "account 5", "Spam, again and again, in each and every room"),
        by_the_operator,
    ];
    state.directory.chain = Some(AuditChain::new(1_000));
    let session = |id, current| {
        let mut session = SessionInfo::new(SessionId(id), "native".into(), Time(NOON - 86_400_000));
        session.address = Some("198.51.100.23".into());
        (session.last_seen, session.current) = (Time(NOON - id * 60_000), current);
        session
    };
    state.directory.sessions = vec![session(1, true), session(2, false)];
    state.directory.loading = false;
}

/// The room "rust", open, with its owner ada, bob a moderator, and eve and yan.
pub fn in_rust(width: u16, height: u16) -> State {
    let mut state = chatting(width, height);
    let member = |account: Account, online, room_role| {
        let mut member = Member::new(Person::new(account, online), Time(NOON));
        member.room_role = room_role;
        member
    };
    let members = vec![
        member(ada(), true, MemberRole::Owner),
        member(bob(), true, MemberRole::Moderator),
        member(other(3, "eve"), false, MemberRole::Member),
        member(other(6, "yan"), false, MemberRole::Member),
    ];
    state.people.members.insert(RUST, members);
    ada_is(&mut state, Role::Admin, MemberRole::Owner);
    state.chat.conversation_mut(RUST).unwrap().room_role = MemberRole::Member;
    press(&mut state, &["alt-a"]);
    load(&mut state, RUST, vec![said(RUST, 1, &ada(), -10, "Borrow what you need.")]);
    state
}

/// Makes ada what she is in a room, and whether she is an admin.
pub fn ada_is(state: &mut State, role: Role, room_role: MemberRole) {
    state.me.as_mut().unwrap().role = role;
    state.chat.conversation_mut(RUST).unwrap().room_role = room_role;
    state.chat.conversation_mut(RUST).unwrap().may = Some(rights(RUST, role, room_role));
    let members = state.people.members.get_mut(&RUST).unwrap();
    members[0].room_role = room_role;
    members[0].person.account.role = role;
    for member in members {
        member.may = Some(rights_over(role, room_role, member));
    }
}

/// What a server would say that ada may do in a conversation.
fn rights(id: ConversationId, role: Role, room_role: MemberRole) -> Vec<Right> {
    let mut may = vec![Right::Write, Right::EditOwn, Right::EraseOwn];
    let keeps = role == Role::Admin || room_role >= MemberRole::Moderator;
    let owns = role == Role::Admin || room_role == MemberRole::Owner;
    may.extend(keeps.then_some(Right::EraseOthers));
    if id == BOB_DIRECT {
        return may;
    }
    may.extend(keeps.then_some(Right::Moderate));
    may.extend(owns.then_some(Right::GiveRole));
    if id != GENERAL {
        may.push(Right::Leave);
        may.extend(keeps.then_some(Right::ChangeRoom));
        may.extend(owns.then_some(Right::DeleteRoom));
    }
    may
}

/// The same of what she may do to a member of a room.
fn rights_over(role: Role, room_role: MemberRole, member: &Member) -> Vec<Right> {
    let (account, theirs) = (&member.person.account, member.room_role);
    let admin = role == Role::Admin;
    let stands_over = room_role >= MemberRole::Moderator && room_role > theirs && account.role != Role::Admin;
    let not_the_owner = theirs != MemberRole::Owner;
    let moderates = not_the_owner && account.id != ada().id && (admin || stands_over);
    let mut may = if moderates { vec![Right::Kick, Right::Mute, Right::Ban] } else { vec![] };
    may.extend((not_the_owner && (admin || room_role == MemberRole::Owner)).then_some(Right::GiveRole));
    may
}

pub fn answer(state: &mut State, answer: Answer) -> Vec<Effect> {
    update(state, Event::Answer(answer))
}

/// What was asked of the server.
pub fn asked(effects: &[Effect]) -> Vec<Command> {
    let question = |effect: &Effect| match effect {
        Effect::Ask(question) => Some(question.command.clone()),
        _ => None,
    };
    effects.iter().filter_map(question).collect()
}

/// A command as `asked` gives it.
pub fn command(ask: impl Into<Command>) -> Command {
    ask.into()
}

/// Answers what was asked first as the server does when it worked.
pub fn worked(state: &mut State, effects: Vec<Effect>) -> Vec<Effect> {
    let question = |effect| if let Effect::Ask(question) = effect { Some(question) } else { None };
    let question = effects.into_iter().find_map(question).expect("something was asked");
    let account =
        serde_json::json!({"id": 9, "username": "zoe", "titan_number": 10_009, "role": "user", "created_at": 0});
    let mut relation = account.clone();
    relation
        .as_object_mut()
        .unwrap()
        .extend(serde_json::json!({"online": true, "relation": "friend", "since": 0}).as_object().unwrap().clone());
    let replies = [serde_json::json!({}), relation, serde_json::json!({"account": account})];
    let answers = replies.iter().find_map(|reply| question.read(&reply.to_string()).ok());
    answer(state, answers.expect("no reply fits"))
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
