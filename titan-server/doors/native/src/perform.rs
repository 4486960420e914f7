//! From a command to the hub and back: one match arm, one call.

use std::sync::Arc;
use std::time::Duration;

use titan_core::protocol::{self as wire, Ask, Command as C, Fault, FaultCode, Reply, ask};
use titan_core::{Secret, Seq, TitanNumber};

use super::page::{all, asked, behind, page};
use titan_door::talk::Entered;
use titan_door::token::TokenKey;
use titan_hub::{
    AccountEdit, AccountKey, AppFilter, AppPasswordWish, Beside, Demand, Hub, Login, Outcome, Post, ProfileChange,
    Range, Registration, RoomEdit, RoomWish, Session, Visitor,
};

/// Whether a command changes who the connection is.
pub fn enters(command: &C) -> bool {
    matches!(command, C::Login(_) | C::Authenticate(_))
}

/// Whether events wait until its reply is out: that the session before has ended is no news then.
pub fn hushes(command: &C) -> bool {
    matches!(command, C::Login(_))
}

/// Whether a command may wait for its commit together with others of its kind.
pub fn overlaps(command: &C) -> bool {
    matches!(command, C::Post(_) | C::Ping(_))
}

/// A reply, and after a login who the connection is from now on.
pub type Answer = (Reply, Option<Entered>);

/// Does what is asked by one call, whose result must be what that command is answered with.
pub async fn perform(
    hub: Arc<Hub>,
    tokens: &TokenKey,
    quota: Option<u64>,
    visitor: &Visitor,
    entered: Option<&Entered>,
    command: C,
) -> Outcome<Answer> {
    let known = || entered.ok_or_else(|| Fault::new(FaultCode::NotLoggedIn, "Log in or authenticate first."));
    let me = || known().map(|entered| &entered.session);
    match command {
        C::Register(it) => reply::<ask::Register>(hub.register(visitor, registration(it)).await?),
        C::RequestReset(it) => reply::<ask::RequestReset>(hub.request_reset(visitor, &it.username).await?),
        C::ResetPassword(it) => {
            reply::<ask::ResetPassword>(hub.reset_password(visitor, it.token.reveal(), it.password.reveal()).await?)
        }
        C::ConfirmMail(it) => reply::<ask::ConfirmMail>(hub.confirm_mail(visitor, &it.token).await?),
        C::Login(it) => {
            let visitor = visitor.clone().with_client(it.client.as_deref());
            let beside = Beside { new_password: it.new_password.as_ref(), code: it.code.as_ref() };
            let login = hub.login_asking(&visitor, &it.username, it.password.reveal(), beside).await?;
            let answer = enter::<ask::Login>(login).await?;
            leave(entered).await;
            Ok(answer)
        }
        C::Authenticate(it) => enter::<ask::Authenticate>(tokens.enter(&hub, visitor, it.token.reveal()).await?).await,
        C::Ping(ask::Ping {}) => reply::<ask::Ping>(()),

        C::DeleteAccount(it) => reply::<ask::DeleteAccount>(me()?.delete_account(it.password.reveal()).await?),
        C::Logout(ask::Logout {}) => reply::<ask::Logout>(me()?.logout().await?),
        C::Confirm(it) => {
            let code = it.code.as_ref().map(Secret::reveal);
            reply::<ask::Confirm>(me()?.confirm(it.password.reveal(), code).await?)
        }
        C::AddFactor(ask::AddFactor {}) => reply::<ask::AddFactor>(me()?.add_factor().await?),
        C::ConfirmFactor(it) => reply::<ask::ConfirmFactor>(me()?.confirm_factor(it.code.reveal()).await?),
        C::RemoveFactor(ask::RemoveFactor {}) => reply::<ask::RemoveFactor>(me()?.remove_factor().await?),
        C::RenewRecoveryCodes(ask::RenewRecoveryCodes {}) => {
            reply::<ask::RenewRecoveryCodes>(me()?.renew_recovery_codes().await?)
        }
        C::AppPasswords(ask::AppPasswords {}) => reply::<ask::AppPasswords>(all(me()?.app_passwords().await?)),
        C::AddAppPassword(it) => reply::<ask::AddAppPassword>(me()?.add_app_password(app_password(it)).await?),
        C::RemoveAppPassword(it) => reply::<ask::RemoveAppPassword>(me()?.remove_app_password(it.app_password).await?),
        C::Sessions(ask::Sessions {}) => reply::<ask::Sessions>(all(me()?.sessions().await?)),
        C::EndSessions(it) => reply::<ask::EndSessions>(me()?.end_sessions(it.account, it.session).await?),
        C::RevokeSession(it) => reply::<ask::RevokeSession>(me()?.revoke_session(it.session).await?),
        C::Usage(ask::Usage {}) => reply::<ask::Usage>(me()?.usage(quota).await?),
        C::ChangePassword(it) => {
            let (old, new) = (it.old.reveal(), it.new.reveal());
            reply::<ask::ChangePassword>(me()?.change_password(old, new, Demand::Usual).await?)
        }
        C::Profile(ask::Profile {}) => reply::<ask::Profile>(me()?.profile().await?),
        C::UpdateProfile(it) => reply::<ask::UpdateProfile>(me()?.update_profile(profile(it)).await?),

        C::Who(it) => reply::<ask::Who>(who(known()?, it).await?),
        C::FindAccount(it) => reply::<ask::FindAccount>(me()?.find_account(account_key(it)?).await?),
        C::EndedAccounts(it) => reply::<ask::EndedAccounts>(me()?.ended_accounts(it.since).await?),
        C::SearchAccounts(it) => reply::<ask::SearchAccounts>(all(me()?.search_accounts(it.prefix, it.limit).await?)),

        C::Relations(it) => reply::<ask::Relations>(page(me()?.relations(asked(it.after, it.limit)).await?)),
        C::RequestFriend(it) => reply::<ask::RequestFriend>(me()?.request_friend(it.account).await?),
        C::AcceptFriend(it) => reply::<ask::AcceptFriend>(me()?.accept_friend(it.account).await?),
        C::DeclineFriend(it) => reply::<ask::DeclineFriend>(me()?.decline_friend(it.account).await?),
        C::RemoveFriend(it) => reply::<ask::RemoveFriend>(me()?.remove_friend(it.account).await?),
        C::Block(it) => reply::<ask::Block>(me()?.block(it.account).await?),
        C::Unblock(it) => reply::<ask::Unblock>(me()?.unblock(it.account).await?),

        C::Rooms(it) => reply::<ask::Rooms>(page(me()?.rooms(asked(it.after, it.limit)).await?)),
        C::Conversations(it) => reply::<ask::Conversations>(conversations(&hub, me()?, it).await?),
        C::CreateRoom(it) => reply::<ask::CreateRoom>(me()?.create_room(room(it)).await?),
        C::UpdateRoom(it) => reply::<ask::UpdateRoom>(me()?.update_room(it.conversation, room_edit(it)).await?),
        C::DeleteRoom(it) => reply::<ask::DeleteRoom>(me()?.delete_room(it.conversation).await?),
        C::JoinRoom(it) => {
            reply::<ask::JoinRoom>(me()?.join_room(it.conversation, it.password.as_ref().map(Secret::reveal)).await?)
        }
        C::LeaveRoom(it) => reply::<ask::LeaveRoom>(me()?.leave_room_to(it.conversation, it.heir).await?),
        C::Members(it) => {
            let members = me()?.members(it.conversation, asked(it.after, it.limit)).await?;
            reply::<ask::Members>(page(members))
        }
        C::OpenDirect(it) => reply::<ask::OpenDirect>(me()?.open_direct(it.account).await?),

        C::SetMemberRole(it) => {
            reply::<ask::SetMemberRole>(me()?.set_member_role(it.conversation, it.account, it.role).await?)
        }
        C::Kick(it) => reply::<ask::Kick>(me()?.kick(it.conversation, it.account, &it.reason).await?),
        C::Mute(it) => {
            let time = it.seconds.map(Duration::from_secs);
            reply::<ask::Mute>(me()?.mute(it.conversation, it.account, time, &it.reason).await?)
        }
        C::Unmute(it) => reply::<ask::Unmute>(me()?.unmute(it.conversation, it.account).await?),
        C::BanMember(it) => reply::<ask::BanMember>(me()?.ban_member(it.conversation, it.account, &it.reason).await?),
        C::UnbanMember(it) => reply::<ask::UnbanMember>(me()?.unban_member(it.conversation, it.account).await?),
        C::Sanctions(it) => reply::<ask::Sanctions>(all(me()?.sanctions(it.conversation).await?)),

        C::Post(it) => reply::<ask::Post>(me()?.post(post(it)).await?),
        C::Edit(it) => reply::<ask::Edit>(me()?.edit(it.conversation, it.seq, &it.text, it.client_id).await?),
        C::Delete(it) => reply::<ask::Delete>(me()?.erase(it.conversation, it.seq, it.client_id).await?),
        C::React(it) => {
            reply::<ask::React>(me()?.react(it.conversation, it.seq, &it.emoji, it.on, it.client_id).await?)
        }
        C::History(it) => {
            reply::<ask::History>(me()?.history(it.conversation, range(it.before, it.after)?, it.limit).await?)
        }
        C::MarkRead(it) => reply::<ask::MarkRead>(me()?.mark_read(it.conversation, it.seq).await?),
        C::Typing(it) => reply::<ask::Typing>(me()?.typing(it.conversation).await?),
        C::Search(it) => reply::<ask::Search>(me()?.search(&it.query, it.conversation, it.before, it.limit).await?),
        C::Resume(it) => reply::<ask::Resume>(known()?.attachment.resume(&it.after).await?),
        C::VoiceSignal(it) => reply::<ask::VoiceSignal>(me()?.voice_signal(it.conversation, it.to, it.signal).await?),
        C::File(it) => reply::<ask::File>(me()?.file(it.file).await?),

        C::Apps(it) => reply::<ask::Apps>(apps(me()?, it).await?),
        C::App(it) => reply::<ask::App>(me()?.app(it.app).await?),
        C::AppStats(ask::AppStats {}) => {
            me()?;
            reply::<ask::AppStats>(hub.repository_stats().await?)
        }
        C::ApproveApp(it) => reply::<ask::ApproveApp>(me()?.approve_app(it.app, Some(it.sha256)).await?),
        C::RejectApp(it) => reply::<ask::RejectApp>(me()?.reject_app(it.app, &it.reason).await?),
        C::DeleteApp(it) => reply::<ask::DeleteApp>(me()?.delete_app(it.app).await?),

        C::Accounts(it) => reply::<ask::Accounts>(page(me()?.accounts(asked(it.after, it.limit)).await?)),
        C::AddAccount(it) => {
            let (username, password) = (&it.username, it.password.reveal());
            reply::<ask::AddAccount>(me()?.add_account(username, password, it.role, Demand::Usual).await?)
        }
        C::EditAccount(it) => {
            let edit = AccountEdit { password: it.password, role: it.role, demand: Demand::Usual, stays: false };
            reply::<ask::EditAccount>(me()?.edit_account(it.account, edit).await?)
        }
        C::Ban(it) => reply::<ask::Ban>(me()?.ban(it.account, &it.reason).await?),
        C::Unban(it) => reply::<ask::Unban>(me()?.unban(it.account).await?),
        C::ChangeAdminKey(it) => reply::<ask::ChangeAdminKey>(me()?.change_admin_key(it.key.reveal()).await?),
        C::RemoveAccount(it) => reply::<ask::RemoveAccount>(me()?.remove_account(it.account).await?),
        C::AccountSessions(it) => reply::<ask::AccountSessions>(all(me()?.account_sessions(it.account).await?)),
        C::BanAddress(it) => reply::<ask::BanAddress>(me()?.ban_address(&it.address, &it.reason).await?),
        C::UnbanAddress(it) => reply::<ask::UnbanAddress>(me()?.unban_address(&it.address).await?),
        C::BannedAddresses(it) => {
            let bans = me()?.address_bans(asked(it.after, it.limit)).await?;
            reply::<ask::BannedAddresses>(page(bans))
        }
        C::Audit(it) => reply::<ask::Audit>(page(me()?.audit_log(it.before, it.limit).await?)),
        C::VerifyAudit(ask::VerifyAudit {}) => reply::<ask::VerifyAudit>(me()?.verify_audit().await?),
    }
}

/// The answer to a command of kind `A`: anything else than what it is answered with doesn't compile.
fn reply<A: Ask>(done: impl Into<A::Reply>) -> Outcome<Answer> {
    Ok((Reply::to::<A>(done)?, None))
}

async fn enter<A: Ask<Reply = wire::LoggedIn>>(login: Login) -> Outcome<Answer> {
    let Login { session, token, account } = login;
    let attachment = session.attach(false).await?;
    let said = wire::LoggedIn::new(account.public(), session.id, token, session.hub().epoch().await?);
    Ok((Reply::to::<A>(said)?, Some(Entered { session, attachment })))
}

/// Who logs in anew is the one before no longer: nobody else has the token of that session.
async fn leave(before: Option<&Entered>) {
    if let Some(before) = before
        && let Err(fault) = before.session.logout().await
    {
        tracing::debug!(%fault, "a session that was replaced did not end");
    }
}

fn app_password(it: ask::AddAppPassword) -> AppPasswordWish {
    AppPasswordWish { name: it.name, doors: it.doors, administers: it.administers }
}

fn registration(it: ask::Register) -> Registration {
    let ask::Register { username, password, full_name, admin_key } = it;
    Registration { full_name, admin_key, demand: Demand::Usual, ..Registration::new(username, password) }
}

fn profile(it: ask::UpdateProfile) -> ProfileChange {
    ProfileChange { full_name: it.full_name, blog_url: it.blog_url, email: it.email }
}

fn room(it: ask::CreateRoom) -> RoomWish {
    RoomWish { name: it.name, description: it.description, kind: it.kind, password: it.password }
}

fn room_edit(it: ask::UpdateRoom) -> RoomEdit {
    RoomEdit { name: it.name, description: it.description, password: it.password }
}

fn post(it: ask::Post) -> Post {
    let ask::Post { conversation, text, reply_to, client_id } = it;
    Post { conversation, text, reply_to, file: None, client_id }
}

async fn conversations(hub: &Hub, me: &Session, it: ask::Conversations) -> Outcome<wire::Conversations> {
    let (conversations, more) = page(me.conversations(asked(it.after, it.limit)).await?);
    let mut reply = wire::Conversations::new(conversations, hub.epoch().await?);
    reply.more = more;
    Ok(reply)
}

/// Watching begins before the list is read, so that nobody who comes in between is missed.
async fn who(entered: &Entered, it: ask::Who) -> Outcome<(Vec<wire::Person>, bool)> {
    if it.watch {
        entered.attachment.watch();
    }
    let people = entered.session.who().await?;
    Ok(page(behind(people, it.after, it.limit, |person| person.account.id)))
}

async fn apps(me: &Session, it: ask::Apps) -> Outcome<(Vec<wire::App>, bool)> {
    let ask::Apps { category, state, query, after, limit } = it;
    let filter = AppFilter { category, state, query, author: None };
    Ok(page(me.apps(filter, asked(after, limit)).await?.map(|record| record.app)))
}

fn account_key(it: ask::FindAccount) -> Outcome<AccountKey> {
    match (it.account, it.username, it.titan_number) {
        (Some(id), None, None) => Ok(AccountKey::Id(id)),
        (None, Some(name), None) => Ok(AccountKey::Username(name)),
        (None, Some(name), Some(number)) => Ok(AccountKey::NameOrNumber(name, TitanNumber(number))),
        (None, None, Some(number)) => Ok(AccountKey::TitanNumber(TitanNumber(number))),
        _ => Err(Fault::bad_request(
            "Give exactly one of \"account\", \"username\" and \"titan_number\", or a name and a number.",
        )),
    }
}

fn range(before: Option<Seq>, after: Option<Seq>) -> Outcome<Range> {
    match (before, after) {
        (None, None) => Ok(Range::Last),
        (Some(seq), None) => Ok(Range::Before(seq)),
        (None, Some(seq)) => Ok(Range::After(seq)),
        _ => Err(Fault::bad_request("Give \"before\" or \"after\", not both.")),
    }
}
