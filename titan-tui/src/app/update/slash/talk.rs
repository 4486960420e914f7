//! The commands about rooms, messages, files and the screen itself.

use titan_core::{
    ConversationId, Secret,
    protocol::{Role, What, ask},
};

use super::line::{Words, complain, find, with_open, with_room};
use crate::{
    app::{
        effect::{Effect, How},
        overlay::{Choice, FormKind},
        question::{Answer, Question, Wish},
        state::{Cargo, State, title},
        update::{asking::ask, chat, choices::choose, forms, repository, session, taste, transfers},
    },
    settings::Density,
    words,
};

pub fn register(state: &mut State, words: &Words) -> Vec<Effect> {
    let admin_key = Some(words.word(2).into()).filter(|key: &Secret| !key.is_empty());
    let (username, password) = (words.word(0).to_owned(), words.word(1).into());
    enter(state, How::Register { username, password, full_name: None, admin_key })
}

pub fn login(state: &mut State, words: &Words) -> Vec<Effect> {
    enter(
        state,
        How::Login { username: words.word(0).to_owned(), password: words.word(1).into(), new: None, code: None },
    )
}

fn enter(state: &mut State, how: How) -> Vec<Effect> {
    session::enter_as(state, how)
}

pub fn change_password(words: &Words) -> Vec<Effect> {
    let change = ask::ChangePassword { old: words.word(0).into(), new: words.word(1).into() };
    ask(Question::done(change, Answer::Say(crate::words::PASSWORD_CHANGED.into())))
}

pub fn confirm_mail(words: &Words) -> Vec<Effect> {
    let confirm = ask::ConfirmMail { token: words.word(0).into() };
    ask(Question::done(confirm, Answer::Say(crate::words::MAIL_CONFIRMED.into())))
}

pub fn who_am_i(state: &mut State) -> Vec<Effect> {
    let text = match &state.me {
        Some(me) => words::you_are(&me.username, me.titan_number.0, me.role == Role::Admin),
        None => words::NOT_LOGGED_IN.into(),
    };
    state.say(text);
    vec![]
}

pub fn where_am_i(state: &mut State) -> Vec<Effect> {
    let text = match state.open() {
        Some(conversation) => words::you_are_in(&title(conversation)),
        None => words::NOWHERE.into(),
    };
    state.say(text);
    vec![]
}

pub fn create(words: &Words) -> Vec<Effect> {
    let name = words.name().trim_start_matches('#').to_owned();
    ask(Question::new(ask::CreateRoom { name, ..Default::default() }, Answer::open))
}

pub fn join(state: &mut State, words: &Words) -> Vec<Effect> {
    with_room(state, words.name(), |state, id| choose(state, Choice::Join(id)))
}

pub fn leave(state: &mut State) -> Vec<Effect> {
    with_open(state, |state, id| match state.open().map(|conversation| &conversation.what) {
        Some(What::Room(_)) => choose(state, Choice::LeaveRoom(id)),
        _ => complain(state, words::NOT_A_ROOM),
    })
}

pub fn direct(state: &mut State, words: &Words) -> Vec<Effect> {
    let text = Some(words.from(1).to_owned()).filter(|text| !text.is_empty());
    find(state, words, Wish::Direct(text))
}

pub fn action(state: &mut State, words: &Words) -> Vec<Effect> {
    let name = state.me.as_ref().map(|me| me.username.to_string()).unwrap_or_default();
    chat::send_text(state, &format!("*{name} {}*", words.all()), None)
}

pub fn reply(state: &mut State, words: &Words) -> Vec<Effect> {
    let target = chat::meant(state, |_, message| !message.deleted);
    chat::send_text(state, words.all(), target)
}

fn mine(state: &State) -> Option<titan_core::Seq> {
    let me = state.me.as_ref()?.id;
    chat::meant(state, |entry, message| entry.author.id == me && !message.deleted)
}

pub fn edit(state: &mut State, words: &Words) -> Vec<Effect> {
    match (mine(state), words.all()) {
        (None, _) => complain(state, crate::words::NOTHING_OF_YOURS),
        (Some(seq), "") => choose(state, Choice::Edit(seq)),
        (Some(seq), text) => with_open(state, |_, conversation| {
            let client_id = Some(titan_core::ClientId::new());
            ask(Question::done(ask::Edit { conversation, seq, text: text.to_owned(), client_id }, Answer::Nothing))
        }),
    }
}

pub fn delete(state: &mut State) -> Vec<Effect> {
    match mine(state) {
        Some(seq) => choose(state, Choice::AskDelete(seq)),
        None => complain(state, words::NOTHING_OF_YOURS),
    }
}

pub fn react(state: &mut State, words: &Words) -> Vec<Effect> {
    let typed = words.word(0);
    let emoji = emojis::get_by_shortcode(typed.trim_matches(':')).map_or(typed, |emoji| emoji.as_str()).to_owned();
    match chat::meant(state, |_, message| !message.deleted) {
        Some(seq) => choose(state, Choice::React(seq, emoji)),
        None => complain(state, crate::words::NOTHING_HERE),
    }
}

pub fn topic(state: &mut State, words: &Words) -> Vec<Effect> {
    let description = Some(words.all().to_owned()).filter(|text| !text.is_empty());
    with_open(state, |state, conversation| {
        if description.is_none() {
            let topic = state.open().and_then(|it| it.what.room()).map(|room| room.description.to_string());
            state.say(crate::words::topic_is(topic.as_deref().unwrap_or_default()));
            return vec![];
        }
        let update = ask::UpdateRoom { conversation, description, ..Default::default() };
        ask(Question::done(update, Answer::Say(crate::words::ROOM_CHANGED.into())))
    })
}

pub fn room(state: &mut State) -> Vec<Effect> {
    with_open(state, |state, id| forms::open_form(state, FormKind::EditRoom(id)))
}

pub fn upload(state: &mut State, words: &Words) -> Vec<Effect> {
    let send = |state: &mut State, conversation, path: &str| {
        transfers::start_upload(state, Cargo::SendFile { conversation, text: String::new() }, path)
    };
    // A path that is no room's name goes to where one is.
    let is_room = words.words.len() > 1 && state.chat.room_named(words.word(0)).is_some();
    let looks_like_a_room = words.words.len() > 1 && !words.word(0).contains(['/', '.', '\\', '~']);
    if !is_room && !looks_like_a_room {
        let path = words.name().to_owned();
        return with_open(state, |state, conversation| send(state, conversation, &path));
    }
    let path = if words.words.len() == 2 { words.word(1) } else { words.from(1) }.to_owned();
    with_room(state, words.word(0), |state, conversation| send(state, conversation, &path))
}

pub fn download(state: &mut State, words: &Words) -> Vec<Effect> {
    let name = words.name().to_owned();
    with_open(state, |_, conversation| {
        ask(Question::new(newest(conversation), move |it| Answer::FetchFile(name.clone(), it)))
    })
}

fn newest(conversation: ConversationId) -> ask::History {
    ask::History { conversation, limit: Some(500), ..Default::default() }
}

pub fn list_files(state: &mut State) -> Vec<Effect> {
    with_open(state, |state, id| {
        let title = state.open().map(title).unwrap_or_default();
        ask(Question::new(newest(id), move |it| Answer::ListFiles(title.clone(), it)))
    })
}

pub fn blog(state: &mut State, words: &Words) -> Vec<Effect> {
    if !words.all().is_empty() {
        return find(state, words, Wish::Blog);
    }
    match state.me.as_ref().and_then(|me| me.blog_url.clone()) {
        Some(url) => choose(state, Choice::Blog(url.to_string())),
        None => choose(state, Choice::Profile),
    }
}

pub fn find_apps(state: &mut State, words: &Words) -> Vec<Effect> {
    let query = Some(words.all().to_owned()).filter(|query| !query.is_empty());
    repository::find(state, query)
}

pub fn theme(state: &mut State, words: &Words) -> Vec<Effect> {
    match words.word(0) {
        "" => taste::open_themes(state),
        name if state.themes.has(name) => taste::set_theme(state, name),
        name => {
            let known: Vec<_> = state.themes.names().collect();
            let told = crate::words::no_such_theme(name, &known);
            complain(state, told)
        }
    }
}

pub fn density(state: &mut State, words: &Words) -> Vec<Effect> {
    let other = if state.settings.density == Density::Cosy { Density::Compact } else { Density::Cosy };
    match (words.word(0), Density::parse(words.word(0))) {
        ("", _) => taste::set_density(state, other),
        (_, Some(density)) => taste::set_density(state, density),
        _ => complain(state, crate::words::usage("density", "[cosy|compact]")),
    }
}

pub fn delete_room(state: &mut State, words: &Words) -> Vec<Effect> {
    let name = words.name().to_owned();
    with_room(state, &name, |state, id| choose(state, Choice::AskDeleteRoom(id)))
}

pub fn view_history(state: &mut State, words: &Words) -> Vec<Effect> {
    let name = words.name().to_owned();
    let title = format!("#{name}");
    with_room(state, &name, |_, id| ask(Question::new(newest(id), move |it| Answer::RoomHistory(title.clone(), it))))
}
