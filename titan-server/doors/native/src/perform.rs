//! From a command to the hub and back: one match arm, one call.

use std::sync::Arc;
use std::time::Duration;

use titan_core::protocol::{self as wire, Command, Fault, FaultCode, Reply};
use titan_core::{Time, TitanNumber};

use titan_door::talk::Entered;
use titan_hub::{
    AccountEdit, AccountKey, AppFilter, Attachment, Hub, Login, Outcome, Post, ProfileChange, Range, Registration,
    RoomEdit, RoomWish, Session, Visitor,
};

/// Whether a command changes who the connection is.
pub fn enters(command: &Command) -> bool {
    matches!(command, Command::Login { .. } | Command::Authenticate { .. })
}

/// Whether a command may wait for its commit together with others of its kind.
pub fn overlaps(command: &Command) -> bool {
    matches!(command, Command::Post { .. } | Command::Ping {})
}

/// A reply, and after a login who the connection is from now on.
pub type Answer = (Reply, Option<Entered>);

pub async fn perform(hub: Arc<Hub>, visitor: &Visitor, entered: Option<&Entered>, command: Command) -> Outcome<Answer> {
    match command {
        Command::Register { username, password, full_name, admin_key } => {
            let admin_key = admin_key.map(Into::into);
            let new = Registration { full_name, admin_key, ..Registration::new(username, password) };
            Ok((registered(hub.register(visitor, new).await?), None))
        }
        Command::RequestReset { username } => Ok((done(hub.request_reset(visitor, &username).await?), None)),
        Command::ResetPassword { token, password } => {
            Ok((done(hub.reset_password(visitor, &token, &password).await?), None))
        }
        Command::Login { username, password } => enter(hub.login(visitor, &username, &password).await?).await,
        Command::Authenticate { token } => enter(hub.authenticate(visitor, &token).await?).await,
        Command::Ping {} => Ok((Reply::Done {}, None)),
        command => {
            let entered = entered.ok_or_else(|| Fault::new(FaultCode::NotLoggedIn, "Log in or authenticate first."))?;
            obey(&entered.session, &entered.attachment, command).await.map(|reply| (reply, None))
        }
    }
}

async fn enter(login: Login) -> Outcome<Answer> {
    let Login { session, token, account } = login;
    let attachment = session.attach(false).await?;
    let reply = wire::LoggedIn {
        account: account.public(),
        session: session.id,
        token: token.reveal().to_owned(),
        now: Time::now(),
    };
    Ok((Reply::LoggedIn(reply), Some(Entered { session, attachment })))
}

/// One match arm, one call.
async fn obey(me: &Session, attachment: &Attachment, command: Command) -> Outcome<Reply> {
    use Command as C;
    Ok(match command {
        C::DeleteAccount { password } => done(me.delete_account(&password).await?),
        C::Logout {} => done(me.logout().await?),
        C::Sessions {} => Reply::Sessions(wire::Sessions { sessions: me.sessions().await? }),
        C::RevokeSession { session } => done(me.revoke_session(session).await?),
        C::ChangePassword { old, new } => done(me.change_password(&old, &new).await?),
        C::UpdateProfile { full_name, blog_url, email } => {
            registered(me.update_profile(ProfileChange { full_name, blog_url, email }).await?)
        }

        C::Who { watch } => who(me, attachment, watch).await?,
        C::FindAccount { account, username, titan_number } => {
            Reply::Person(me.find_account(account_key(account, username, titan_number)?).await?)
        }
        C::SearchAccounts { prefix, limit } => people(me.search_accounts(prefix, limit).await?),

        C::Relations {} => Reply::Relations(wire::Relations { relations: me.relations().await? }),
        C::RequestFriend { account } => Reply::Relation(Box::new(me.request_friend(account).await?)),
        C::AcceptFriend { account } => Reply::Relation(Box::new(me.accept_friend(account).await?)),
        C::DeclineFriend { account } => done(me.decline_friend(account).await?),
        C::RemoveFriend { account } => done(me.remove_friend(account).await?),
        C::Block { account } => done(me.block(account).await?),
        C::Unblock { account } => done(me.unblock(account).await?),

        C::Rooms {} => Reply::Rooms(wire::Rooms { rooms: me.rooms().await? }),
        C::Conversations {} => Reply::Conversations(wire::Conversations { conversations: me.conversations().await? }),
        C::CreateRoom { name, description, kind, password } => conversation(
            me.create_room(RoomWish { name, description, kind, password: password.map(Into::into) }).await?,
        ),
        C::UpdateRoom { conversation: room, name, description, password } => conversation(
            me.update_room(room, RoomEdit { name, description, password: password.map(Into::into) }).await?,
        ),
        C::DeleteRoom { conversation } => done(me.delete_room(conversation).await?),
        C::JoinRoom { conversation: room, password } => conversation(me.join_room(room, password.as_deref()).await?),
        C::LeaveRoom { conversation } => done(me.leave_room(conversation).await?),
        C::Members { conversation } => Reply::Members(wire::Members { members: me.members(conversation).await? }),
        C::OpenDirect { account } => conversation(me.open_direct(account).await?),

        C::SetMemberRole { conversation, account, role } => {
            done(me.set_member_role(conversation, account, role).await?)
        }
        C::Kick { conversation, account, reason } => done(me.kick(conversation, account, &reason).await?),
        C::Mute { conversation, account, seconds, reason } => {
            done(me.mute(conversation, account, seconds.map(Duration::from_secs), &reason).await?)
        }
        C::Unmute { conversation, account } => done(me.unmute(conversation, account).await?),
        C::BanMember { conversation, account, reason } => done(me.ban_member(conversation, account, &reason).await?),
        C::UnbanMember { conversation, account } => done(me.unban_member(conversation, account).await?),
        C::Sanctions { conversation } => {
            Reply::Sanctions(wire::Sanctions { sanctions: me.sanctions(conversation).await? })
        }

        C::Post { conversation, text, reply_to, client_id } => {
            Reply::Posted(me.post(Post { conversation, text, reply_to, file: None, client_id }).await?)
        }
        C::Edit { conversation, seq, text, client_id } => {
            Reply::Posted(me.edit(conversation, seq, &text, client_id).await?)
        }
        C::Delete { conversation, seq, client_id } => Reply::Posted(me.erase(conversation, seq, client_id).await?),
        C::React { conversation, seq, emoji, on, client_id } => {
            Reply::Posted(me.react(conversation, seq, &emoji, on, client_id).await?)
        }
        C::History { conversation, before, after, limit } => {
            Reply::Entries(me.history(conversation, range(before, after)?, limit).await?)
        }
        C::MarkRead { conversation, seq } => done(me.mark_read(conversation, seq).await?),
        C::Typing { conversation } => done(me.typing(conversation).await?),
        C::Search { query, conversation, limit } => {
            Reply::Results(wire::Results { results: me.search(&query, conversation, limit).await? })
        }
        C::Resume { after } => Reply::Resumed(wire::Resumed { heads: attachment.resume(&after).await? }),
        C::VoiceSignal { conversation, to, signal } => done(me.voice_signal(conversation, to, signal).await?),
        C::File { file } => Reply::File(me.file(file).await?),

        C::Apps { category, state, query } => apps(me, AppFilter { category, state, query, author: None }).await?,
        C::App { app } => Reply::App(Box::new(me.app(app).await?)),
        C::AppStats {} => Reply::AppStats(me.hub().repository_stats().await?),
        C::ApproveApp { app, sha256 } => Reply::App(Box::new(me.approve_app(app, Some(sha256)).await?)),
        C::RejectApp { app, reason } => Reply::App(Box::new(me.reject_app(app, &reason).await?)),
        C::DeleteApp { app } => done(me.delete_app(app).await?),

        C::Accounts {} => Reply::Accounts(wire::Accounts { accounts: me.accounts().await? }),
        C::AddAccount { username, password, role } => registered(me.add_account(&username, &password, role).await?),
        C::EditAccount { account, password, role } => {
            registered(me.edit_account(account, AccountEdit { password: password.map(Into::into), role }).await?)
        }
        C::Ban { account, reason } => done(me.ban(account, &reason).await?),
        C::Unban { account } => done(me.unban(account).await?),
        C::ChangeAdminKey { key } => done(me.change_admin_key(&key).await?),
        C::RemoveAccount { account } => done(me.remove_account(account).await?),
        C::AccountSessions { account } => {
            Reply::Sessions(wire::Sessions { sessions: me.account_sessions(account).await? })
        }
        C::BanAddress { address, reason } => done(me.ban_address(&address, &reason).await?),
        C::UnbanAddress { address } => done(me.unban_address(&address).await?),
        C::BannedAddresses {} => Reply::AddressBans(wire::AddressBans { addresses: me.address_bans().await? }),
        C::Audit { limit } => Reply::Audit(wire::Audit { acts: me.audit_log(limit).await? }),

        // Done before anybody had to be logged in.
        C::Register { .. }
        | C::Login { .. }
        | C::Authenticate { .. }
        | C::RequestReset { .. }
        | C::ResetPassword { .. }
        | C::Ping {} => Reply::Done {},
    })
}

fn done((): ()) -> Reply {
    Reply::Done {}
}

fn conversation(conversation: wire::Conversation) -> Reply {
    Reply::Conversation(Box::new(conversation))
}

fn registered(account: wire::Account) -> Reply {
    Reply::Registered(wire::Registered { account })
}

fn people(people: Vec<wire::Person>) -> Reply {
    Reply::People(wire::People { people })
}

/// Watching begins before the list is read, so that nobody who comes in between is missed.
async fn who(me: &Session, attachment: &Attachment, watch: bool) -> Outcome<Reply> {
    if watch {
        attachment.watch();
    }
    me.who().await.map(people)
}

async fn apps(me: &Session, filter: AppFilter) -> Outcome<Reply> {
    let apps = me.apps(filter).await?.into_iter().map(|record| record.app).collect();
    Ok(Reply::Apps(wire::Apps { apps }))
}

fn account_key(
    account: Option<titan_core::AccountId>,
    username: Option<String>,
    titan_number: Option<i64>,
) -> Outcome<AccountKey> {
    match (account, username, titan_number) {
        (Some(id), None, None) => Ok(AccountKey::Id(id)),
        (None, Some(name), None) => Ok(AccountKey::Username(name)),
        (None, None, Some(number)) => Ok(AccountKey::TitanNumber(TitanNumber(number))),
        _ => Err(Fault::bad_request("Give exactly one of \"account\", \"username\" and \"titan_number\".")),
    }
}

fn range(before: Option<titan_core::Seq>, after: Option<titan_core::Seq>) -> Outcome<Range> {
    match (before, after) {
        (None, None) => Ok(Range::Last),
        (Some(seq), None) => Ok(Range::Before(seq)),
        (None, Some(seq)) => Ok(Range::After(seq)),
        _ => Err(Fault::bad_request("Give \"before\" or \"after\", not both.")),
    }
}
