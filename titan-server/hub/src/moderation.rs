//! Keeping order in a room: roles, kicks, mutes, bans. Every act is in the audit log, and takes effect at every door at once.

use std::time::Duration;

use titan_core::protocol::{Event, Fault, FaultCode, MemberRole, Role, Sanction, SanctionKind};
use titan_core::{AccountId, ConversationId, SafeText, Time, text};

use super::policy::Act;
use super::rooms::not_general;
use super::{Outcome, Session, from_store, view};
use crate::store::{AccountKey, AccountRecord, NewSanction, RoomRecord, StoreError};

/// The longest reason, in characters.
const REASON_MOST: usize = 1_000;

/// Somebody in a room, or kept out of it, whom somebody else is about to act upon.
struct Target {
    room: RoomRecord,
    account: AccountRecord,
    role: Option<MemberRole>,
}

impl Session {
    /// Gives a member another role. A new owner takes the place of the one before, who becomes a moderator.
    pub async fn set_member_role(&self, room: ConversationId, account: AccountId, role: MemberRole) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        let target = self.target(room, account).await?;
        let before = target.role.ok_or_else(no_member)?;
        self.permit_in(room, Act::GiveRole { from: before, to: role }).await?;
        let to_owner = matches!(role, MemberRole::Owner);
        if to_owner {
            not_general(room, "given an owner")?;
        }
        self.hub.store.set_member_role(room, account, role).await.map_err(from_store)?;
        let detail = format!("{} from {before:?} to {role:?}", target.account.username);
        self.audit("set_member_role", object(&target), detail).await?;
        if to_owner
            && let Some(owner) = target.room.owner
            && owner.id != account
        {
            self.changed_member(room, owner.id, |member| member.role = MemberRole::Moderator).await?;
        }
        self.changed_member(room, account, |member| member.role = role).await
    }

    /// Removes a member, who may come back.
    pub async fn kick(&self, room: ConversationId, account: AccountId, reason: &str) -> Outcome<()> {
        let reason = reason_of(reason)?;
        let target = self.target_to_moderate(room, account).await?;
        not_general(room, "somewhere to be kicked from: mute instead")?;
        self.remove(&target, "removed", &reason).await?;
        self.audit("kick", object(&target), reason).await
    }

    /// Keeps a member from writing, for a while or (`lasting` none) until unmuted.
    pub async fn mute(
        &self,
        room: ConversationId,
        account: AccountId,
        lasting: Option<Duration>,
        reason: &str,
    ) -> Outcome<()> {
        let reason = reason_of(reason)?;
        let target = self.target_to_moderate(room, account).await?;
        let now = Time::now();
        let until = match lasting {
            Some(lasting) if lasting.is_zero() => return Err(Fault::bad_request("A mute lasts at least a second.")),
            Some(lasting) => {
                let lasting = i64::try_from(lasting.as_millis()).unwrap_or(i64::MAX);
                Time(now.0.saturating_add(lasting)).min(Time::FOREVER)
            }
            None => Time::FOREVER,
        };
        self.sanction(&target, SanctionKind::Mute, until, reason.clone()).await?;
        self.changed_member(room, account, |member| member.muted_until = Some(until)).await?;
        self.audit("mute", object(&target), reason).await
    }

    pub async fn unmute(&self, room: ConversationId, account: AccountId) -> Outcome<()> {
        let target = self.target_to_moderate(room, account).await?;
        if !self.hub.store.lift_sanction(room, account, SanctionKind::Mute).await.map_err(from_store)? {
            return Err(Fault::not_found(format!("{} is not muted there.", target.account.username)));
        }
        self.changed_member(room, account, |member| member.muted_until = None).await?;
        self.audit("unmute", object(&target), String::new()).await
    }

    /// Keeps somebody out of a room, a member or not.
    pub async fn ban_member(&self, room: ConversationId, account: AccountId, reason: &str) -> Outcome<()> {
        let reason = reason_of(reason)?;
        let target = self.target_to_moderate(room, account).await?;
        not_general(room, "somewhere to be banned from: mute instead")?;
        self.sanction(&target, SanctionKind::Ban, Time::FOREVER, reason.clone()).await?;
        match self.remove(&target, "banned", &reason).await {
            Err(fault) if fault.code != FaultCode::NotFound => return Err(fault),
            _ => {}
        }
        self.audit("ban_member", object(&target), reason).await
    }

    pub async fn unban_member(&self, room: ConversationId, account: AccountId) -> Outcome<()> {
        let target = self.target_to_moderate(room, account).await?;
        if !self.hub.store.lift_sanction(room, account, SanctionKind::Ban).await.map_err(from_store)? {
            return Err(Fault::not_found(format!("{} is not banned there.", target.account.username)));
        }
        self.audit("unban_member", object(&target), String::new()).await
    }

    /// Who is muted in a room or banned from it, the newest first.
    pub async fn sanctions(&self, room: ConversationId) -> Outcome<Vec<Sanction>> {
        self.hub.limits.asking(self.account())?;
        self.room(room).await?;
        self.permit_in(room, Act::Moderate { over: None, on_server: Role::User }).await?;
        let records = self.hub.store.sanctions(room, Time::now()).await.map_err(from_store)?;
        Ok(records.into_iter().map(view::sanction).collect())
    }

    /// Somebody this account may act upon there.
    async fn target_to_moderate(&self, room: ConversationId, account: AccountId) -> Outcome<Target> {
        self.hub.limits.asking(self.account())?;
        let target = self.target(room, account).await?;
        let act = Act::Moderate { over: target.role, on_server: target.account.role };
        self.permit_in(room, act).await?;
        if account == self.account() {
            return Err(Fault::bad_request("You can't do that to yourself."));
        }
        Ok(target)
    }

    async fn target(&self, room: ConversationId, account: AccountId) -> Outcome<Target> {
        let room = self.room(room).await?;
        let found = self.hub.store.account(AccountKey::Id(account)).await.map_err(from_store)?;
        let account = found.ok_or_else(|| Fault::not_found("There is no such account."))?;
        let place = self.hub.store.membership(account.id, room.id).await.map_err(from_store)?;
        Ok(Target { role: place.map(|place| place.role), room, account })
    }

    async fn sanction(&self, target: &Target, kind: SanctionKind, until: Time, reason: String) -> Outcome<()> {
        let (room, account, by) = (target.room.id, target.account.id, self.account());
        let new = NewSanction { room, account, kind, until, reason, by, now: Time::now() };
        self.hub.store.set_sanction(new).await.map_err(from_store)
    }

    async fn remove(&self, target: &Target, how: &str, reason: &str) -> Outcome<()> {
        let (room, account) = (target.room.id, target.account.id);
        let left = self.hub.store.leave(room, account, Some(self.account()), Time::now()).await;
        left.map_err(|error| match error {
            StoreError::NotFound => no_member(),
            error => from_store(error),
        })?;
        let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
        let said = format!("You were {how} from {} by {}{why}", target.room.name, self.author.username);
        self.left(account, room, SafeText::new(&said)).await;
        Ok(())
    }

    /// Notes and tells what a member is now. Who is no member has nothing to be told.
    async fn changed_member(
        &self,
        room: ConversationId,
        account: AccountId,
        change: impl FnOnce(&mut super::standing::Membership),
    ) -> Outcome<()> {
        self.hub.standings.changed(account, room, change).await;
        let Some(now) = self.hub.store.membership(account, room).await.map_err(from_store)? else { return Ok(()) };
        let muted_until = now.muted_until.filter(|until| *until > Time::now());
        let event = Event::MemberChanged { conversation: room, account, role: now.role, muted_until };
        self.hub.switchboard.tell_conversation(room, event, |_| false);
        Ok(())
    }
}

fn object(target: &Target) -> String {
    format!("account {} in room {}", target.account.id, target.room.id)
}

fn no_member() -> Fault {
    Fault::not_found("They are no member of that room.")
}

fn reason_of(reason: &str) -> Outcome<String> {
    Ok(SafeText::line(&text::description("a reason", reason.trim(), REASON_MOST)?).into_string())
}
