//! Questions to the server: a method of the client for each command.

use std::time::Duration;

use titan_core::{
    client::{AccountChange, AppFilter, Client, Draft, Error, NewRoom, ProfileChange, Range, RoomEdit, Who},
    protocol::{
        Accounts, AddressBans, Apps, Audit, Command, Conversations, Entries, Fault, FaultCode, Members, People, Posted,
        Registered, Relations, Reply, Results, Rooms, Sanctions, Sessions,
    },
};

use super::{Runner, trouble};
use crate::{
    app::{
        effect::Then,
        event::{Event, Trouble},
    },
    words,
};

impl Runner {
    pub(super) fn ask(&self, command: Command, then: Then) {
        let runner = self.clone();
        tokio::spawn(async move {
            let result = match runner.client() {
                Some(client) => ask(&client, command).await.map_err(trouble),
                None => Err(Trouble::new(words::NEEDS_CONNECTION)),
            };
            runner.tell(Event::Answer(then, result)).await;
        });
    }
}

/// Asks, and gives the answer in the shape the protocol has for it.
async fn ask(client: &Client, command: Command) -> Result<Reply, Error> {
    let done = |()| Reply::Done {};
    Ok(match command {
        Command::Sessions {} => Reply::Sessions(Sessions { sessions: client.sessions().await? }),
        Command::RevokeSession { session } => done(client.revoke_session(session).await?),
        Command::ChangePassword { old, new } => done(client.change_password(&old, &new).await?),
        Command::UpdateProfile { full_name, blog_url, email } => {
            client.update_profile(ProfileChange { full_name, blog_url, email }).await?;
            Reply::Done {}
        }
        Command::Who { .. } => Reply::People(People { people: client.who().await? }),
        Command::FindAccount { account, username, titan_number } => {
            Reply::Person(client.find_account(who(account, username, titan_number)?).await?)
        }
        Command::SearchAccounts { prefix, limit } => {
            Reply::People(People { people: client.search_accounts(&prefix, limit).await? })
        }
        Command::Rooms {} => Reply::Rooms(Rooms { rooms: client.rooms().await? }),
        Command::Conversations {} => {
            Reply::Conversations(Conversations { conversations: client.conversations().await? })
        }
        Command::CreateRoom { name, description, kind, password } => {
            conversation(client.create_room(NewRoom { name, description, kind, password }).await?)
        }
        Command::UpdateRoom { conversation, name, description, password } => {
            client.update_room(conversation, RoomEdit { name, description, password }).await?;
            Reply::Done {}
        }
        Command::DeleteRoom { conversation } => done(client.delete_room(conversation).await?),
        Command::JoinRoom { conversation: id, password } => {
            conversation(client.join_room(id, password.as_deref()).await?)
        }
        Command::LeaveRoom { conversation } => done(client.leave_room(conversation).await?),
        Command::Members { conversation } => Reply::Members(Members { members: client.members(conversation).await? }),
        Command::OpenDirect { account } => conversation(client.open_direct(account).await?),
        other => return ask_more(client, other).await,
    })
}

/// The rest: messages, the repository, the house.
async fn ask_more(client: &Client, command: Command) -> Result<Reply, Error> {
    let done = |()| Reply::Done {};
    Ok(match command {
        Command::Post { conversation, text, reply_to, client_id } => {
            let draft = Draft { conversation, text, reply_to, client_id: client_id.unwrap_or_else(new_id) };
            posted(client.post_with(draft).await?)
        }
        Command::Edit { conversation, seq, text, .. } => posted(client.edit(conversation, seq, &text).await?),
        Command::Delete { conversation, seq, .. } => posted(client.delete(conversation, seq).await?),
        Command::React { conversation, seq, emoji, on, .. } => {
            posted(client.react(conversation, seq, &emoji, on).await?)
        }
        Command::History { conversation, before, after, limit } => {
            Reply::Entries(history(client, conversation, before, after, limit).await?)
        }
        Command::MarkRead { conversation, seq } => done(client.mark_read(conversation, seq).await?),
        Command::Typing { conversation } => done(client.typing(conversation).await?),
        Command::Search { query, conversation, limit } => {
            Reply::Results(Results { results: client.search(&query, conversation, limit).await? })
        }
        Command::File { file } => Reply::File(client.file(file).await?),
        Command::Apps { category, state, query } => {
            Reply::Apps(Apps { apps: client.apps(AppFilter { category, state, query }).await? })
        }
        Command::App { app } => Reply::App(Box::new(client.app(app).await?)),
        Command::AppStats {} => Reply::AppStats(client.app_stats().await?),
        Command::ApproveApp { app, sha256 } => Reply::App(Box::new(client.approve_app(app, sha256).await?)),
        Command::RejectApp { app, reason } => Reply::App(Box::new(client.reject_app(app, &reason).await?)),
        Command::DeleteApp { app } => done(client.delete_app(app).await?),
        Command::Accounts {} => Reply::Accounts(Accounts { accounts: client.accounts().await? }),
        Command::AddAccount { username, password, role } => {
            Reply::Registered(Registered { account: client.add_account(&username, &password, role).await? })
        }
        Command::EditAccount { account, password, role } => {
            let account = client.edit_account(account, AccountChange { password, role }).await?;
            Reply::Registered(Registered { account })
        }
        Command::Ban { account, reason } => done(client.ban(account, &reason).await?),
        Command::Unban { account } => done(client.unban(account).await?),
        Command::ChangeAdminKey { key } => done(client.change_admin_key(&key).await?),
        Command::Ping {} => done(client.ping().await?),
        other => return ask_of_people(client, other).await,
    })
}

/// Friends, keeping order, accounts.
async fn ask_of_people(client: &Client, command: Command) -> Result<Reply, Error> {
    let done = |()| Reply::Done {};
    Ok(match command {
        Command::DeleteAccount { password } => done(client.delete_account(&password).await?),
        Command::Relations {} => Reply::Relations(Relations { relations: client.relations().await? }),
        Command::RequestFriend { account } => Reply::Relation(Box::new(client.request_friend(account).await?)),
        Command::AcceptFriend { account } => Reply::Relation(Box::new(client.accept_friend(account).await?)),
        Command::DeclineFriend { account } => done(client.decline_friend(account).await?),
        Command::RemoveFriend { account } => done(client.remove_friend(account).await?),
        Command::Block { account } => done(client.block(account).await?),
        Command::Unblock { account } => done(client.unblock(account).await?),
        Command::SetMemberRole { conversation, account, role } => {
            done(client.set_member_role(conversation, account, role).await?)
        }
        Command::Kick { conversation, account, reason } => done(client.kick(conversation, account, &reason).await?),
        Command::Mute { conversation, account, seconds, reason } => {
            done(client.mute(conversation, account, seconds.map(Duration::from_secs), &reason).await?)
        }
        Command::Unmute { conversation, account } => done(client.unmute(conversation, account).await?),
        Command::BanMember { conversation, account, reason } => {
            done(client.ban_member(conversation, account, &reason).await?)
        }
        Command::UnbanMember { conversation, account } => done(client.unban_member(conversation, account).await?),
        Command::Sanctions { conversation } => {
            Reply::Sanctions(Sanctions { sanctions: client.sanctions(conversation).await? })
        }
        Command::RemoveAccount { account } => done(client.remove_account(account).await?),
        Command::AccountSessions { account } => {
            Reply::Sessions(Sessions { sessions: client.account_sessions(account).await? })
        }
        Command::BanAddress { address, reason } => done(client.ban_address(&address, &reason).await?),
        Command::UnbanAddress { address } => done(client.unban_address(&address).await?),
        Command::BannedAddresses {} => Reply::AddressBans(AddressBans { addresses: client.banned_addresses().await? }),
        Command::Audit { limit } => Reply::Audit(Audit { acts: client.audit(limit).await? }),
        _ => return Err(Fault::new(FaultCode::UnknownCommand, words::NOT_A_QUESTION).into()),
    })
}

async fn history(
    client: &Client,
    conversation: titan_core::ConversationId,
    before: Option<titan_core::Seq>,
    after: Option<titan_core::Seq>,
    limit: Option<u32>,
) -> Result<Entries, Error> {
    let range = match (before, after) {
        (Some(before), _) => Range::Before(before),
        (None, Some(after)) => Range::After(after),
        (None, None) => Range::Last,
    };
    client.history(conversation, range, limit.unwrap_or(50)).await
}

fn who(
    account: Option<titan_core::AccountId>,
    username: Option<String>,
    titan_number: Option<i64>,
) -> Result<Who, Error> {
    match (account, username, titan_number) {
        (Some(account), _, _) => Ok(Who::Account(account)),
        (_, Some(username), _) => Ok(Who::Username(username)),
        (_, _, Some(number)) => Ok(Who::TitanNumber(number)),
        _ => Err(Fault::bad_request(words::NOBODY_NAMED).into()),
    }
}

fn conversation(conversation: titan_core::protocol::Conversation) -> Reply {
    Reply::Conversation(Box::new(conversation))
}

fn posted(posted: Posted) -> Reply {
    Reply::Posted(posted)
}

fn new_id() -> titan_core::ClientId {
    titan_core::ClientId::new()
}
