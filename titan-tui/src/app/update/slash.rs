//! What is sent from the composer: a message, a change to one, or a line that begins with a slash, which is done here. The table
//! of the commands is `app/commands.rs`; a wrong number of words is answered with the usage, and what was typed is put back.

pub(crate) mod line;
mod people;
mod talk;

use titan_core::protocol::ask;

use self::line::{Words, ask_if_online, find, with_open};
use super::{chat, choices::choose, factors, lists, orders, people as people_view, rooms, taste, transfers};
use crate::{
    app::{
        commands::{ALL, Spec, Verb, nearest},
        effect::Effect,
        overlay::Choice,
        question::{Answer, Question},
        state::State,
    },
    words,
};

/// Sends what the composer holds.
pub fn send(state: &mut State) -> Vec<Effect> {
    if state.composer.editor.text().trim().is_empty() {
        return vec![];
    }
    let (reply_to, editing) = (state.composer.reply_to.take(), state.composer.editing.take());
    let text = state.composer.take();
    if let (Some(seq), Err(unfit)) = (editing, titan_core::text::message(&text)) {
        state.composer.edit(seq, &text);
        state.complain(words::sentence(&unfit.to_string()));
        return vec![];
    }
    match text.strip_prefix('/') {
        Some(rest) if !rest.starts_with('/') && editing.is_none() => run(state, rest),
        Some(rest) if rest.starts_with('/') => chat::say(state, rest, reply_to, editing),
        _ => chat::say(state, &text, reply_to, editing),
    }
}

/// Runs a line, without its slash.
fn run(state: &mut State, line: &str) -> Vec<Effect> {
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let Some(spec) = ALL.iter().find(|spec| spec.name.eq_ignore_ascii_case(name)) else {
        let nearest = nearest(name, state.is_admin());
        return put_back(state, line, words::unknown_command(name, nearest));
    };
    let words = Words::parse(rest);
    if !(spec.least..=spec.most).contains(&words.words.len()) {
        return put_back(state, line, words::usage(spec.name, spec.usage));
    }
    if spec.admin && !state.is_admin() {
        state.complain(words::ONLY_ADMINS);
        return vec![];
    }
    obey(state, spec, &words)
}

fn put_back(state: &mut State, line: &str, why: String) -> Vec<Effect> {
    state.complain(why);
    state.composer.interject(&format!("/{line}"));
    vec![]
}

fn obey(state: &mut State, spec: &Spec, words: &Words) -> Vec<Effect> {
    match spec.verb.clone() {
        Verb::Choose(choice) => choose(state, choice),
        Verb::Tell(how) => {
            state.say(how);
            vec![]
        }
        Verb::Find(wish) => find(state, words, wish),
        Verb::Order(order) => people::order(state, words, order, 1),
        Verb::Show(section) => people_view::show_section(state, section),
        Verb::Act => talk::action(state, words),
        Verb::AppPasswords => factors::ask_app_passwords(),
        Verb::AddUser => people::add_user(words),
        Verb::Ban => people::ban(state, words),
        Verb::BanAddress => people::ban_address(words),
        Verb::Blog => talk::blog(state, words),
        Verb::ChangeKey => people::change_key(words),
        Verb::ChangePassword => talk::change_password(words),
        Verb::ConfirmMail => talk::confirm_mail(words),
        Verb::Create => talk::create(words),
        Verb::Delete => talk::delete(state),
        Verb::DeleteRoom => talk::delete_room(state, words),
        Verb::Direct => talk::direct(state, words),
        Verb::Download => talk::download(state, words),
        Verb::Edit => talk::edit(state, words),
        Verb::EditUser => people::edit_user(state, words),
        Verb::Export => people::export(state, words),
        Verb::Factor => factors::ask_show(),
        Verb::Help => lists::open_help(state),
        Verb::History => talk::view_history(state, words),
        Verb::Join => talk::join(state, words),
        Verb::Leave => talk::leave(state),
        Verb::LiftAddress => orders::lift_address(state, words.word(0).to_owned()),
        Verb::ListFiles => talk::list_files(state),
        Verb::Login => talk::login(state, words),
        Verb::Members => with_open(state, |state, id| {
            ask_if_online(
                state,
                Question::new(ask::Members { conversation: id, ..ask::Members::default() }, move |it| {
                    Answer::ListMembers(id, it)
                }),
            )
        }),
        Verb::Mouse => taste::toggle_mouse(state),
        Verb::Mute => people::mute(state, words),
        Verb::People => people_view::show(state),
        Verb::React => talk::react(state, words),
        Verb::Register => talk::register(state, words),
        Verb::Reply => talk::reply(state, words),
        Verb::Repository => talk::find_apps(state, words),
        Verb::Role => people::role(state, words),
        Verb::Room => talk::room(state),
        Verb::Rooms => rooms::ask_rooms(),
        Verb::Sanctions => with_open(state, |state, id| choose(state, Choice::Sanctions(id))),
        Verb::Say => chat::send_text(state, words.all(), None),
        Verb::Search => lists::open_search(state, words.all()),
        Verb::TakeBack => orders::take_back(state),
        Verb::Theme => talk::theme(state, words),
        Verb::Density => talk::density(state, words),
        Verb::Topic => talk::topic(state, words),
        Verb::Transfers => transfers::show(state),
        Verb::Upload => talk::upload(state, words),
        Verb::Usage => ask_if_online(state, Question::new(ask::Usage {}, |it| Answer::Say(words::room_taken(&it)))),
        Verb::WhereAmI => talk::where_am_i(state),
        Verb::Who => {
            ask_if_online(state, Question::new(ask::Who { watch: true, ..ask::Who::default() }, Answer::ListPeople))
        }
        Verb::WhoAmI => talk::who_am_i(state),
    }
}
