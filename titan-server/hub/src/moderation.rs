//! Keeping order in a room: roles, kicks, mutes, bans. Every act is in the audit log, and takes effect at every door at once.

use std::time::Duration;

use titan_core::protocol::{Fault, MemberRole, Role, Sanction, SanctionKind};
use titan_core::{AccountId, ConversationId, SafeText, Time, text};

use super::policy::{Act, rank};
use super::rooms::not_general;
use super::{Outcome, Session, from_store, view};
use crate::store::{
    AccountKey, AccountRecord, Departure, Fact, NewSanction, RoomRecord, Standing, StoreError, Warrant,
};

/// The longest reason, in characters.
const REASON_MOST: usize = 1_000;

/// Somebody in a room, or kept out of it, whom somebody else is about to act upon.
struct Target {
    room: RoomRecord,
    account: AccountRecord,
    role: Option<MemberRole>,
    standing: Option<Standing>,
    owns_room: bool,
}

impl Session {
    /// Gives a member another role. A new owner takes the place of the one before, who becomes a moderator.
    pub async fn set_member_role(&self, room: ConversationId, account: AccountId, role: MemberRole) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        self.decided(|| async {
            let target = self.target(room, account).await?;
            let before = target.role.ok_or_else(no_member)?;
            let act = Act::GiveRole { from: before, to: role };
            let grounds = target.grounds(self.permit_in(room, act).await?);
            if role == MemberRole::Owner {
                not_general(room, "given an owner")?;
            }
            let detail = format!("from {before:?} to {role:?}");
            let warrant = self.warrant(grounds, "set_member_role", &target, detail);
            Ok(self.hub.store.set_member_role(room, account, role, warrant).await?)
        })
        .await
    }

    /// Removes a member, who may come back.
    pub async fn kick(&self, room: ConversationId, account: AccountId, reason: &str) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        let reason = reason_of(reason)?;
        self.decided(|| async {
            let (target, grounds) = self.target_to_moderate(room, account).await?;
            not_general(room, "somewhere to be kicked from: mute instead")?;
            let by = Some(self.account());
            let departure = Departure { by, reason: reason.clone(), ..Departure::default() };
            let warrant = self.warrant(grounds, "kick", &target, reason.clone());
            let left = self.hub.store.leave(room, account, departure, self.hub.now(), warrant).await;
            left.map(drop).map_err(|error| match error {
                StoreError::NotFound => no_member().into(),
                error => error.into(),
            })
        })
        .await
    }

    /// Keeps a member from writing, for a while or (`lasting` none) until unmuted.
    pub async fn mute(
        &self,
        room: ConversationId,
        account: AccountId,
        lasting: Option<Duration>,
        reason: &str,
    ) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        let reason = reason_of(reason)?;
        self.decided(|| async {
            let (target, grounds) = self.target_to_moderate(room, account).await?;
            let until = until(self.hub.now(), lasting)?;
            let warrant = self.warrant(grounds, "mute", &target, reason.clone());
            let mute = self.sanction(&target, SanctionKind::Mute, until, reason.clone());
            Ok(self.hub.store.set_sanction(mute, warrant).await?)
        })
        .await
    }

    pub async fn unmute(&self, room: ConversationId, account: AccountId) -> Outcome<()> {
        self.lift(room, account, SanctionKind::Mute, "unmute", "muted").await
    }

    /// Keeps somebody out of a room, a member or not.
    pub async fn ban_member(&self, room: ConversationId, account: AccountId, reason: &str) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        let reason = reason_of(reason)?;
        self.decided(|| async {
            let (target, grounds) = self.target_to_moderate(room, account).await?;
            not_general(room, "somewhere to be banned from: mute instead")?;
            let warrant = self.warrant(grounds, "ban_member", &target, reason.clone());
            let ban = self.sanction(&target, SanctionKind::Ban, Time::FOREVER, reason.clone());
            Ok(self.hub.store.set_sanction(ban, warrant).await?)
        })
        .await
    }

    pub async fn unban_member(&self, room: ConversationId, account: AccountId) -> Outcome<()> {
        self.lift(room, account, SanctionKind::Ban, "unban_member", "banned").await
    }

    async fn lift(
        &self,
        room: ConversationId,
        account: AccountId,
        kind: SanctionKind,
        act: &'static str,
        said: &str,
    ) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        self.decided(|| async {
            let (target, grounds) = self.target_to_spare(room, account).await?;
            let warrant = self.warrant(grounds, act, &target, String::new());
            if !self.hub.store.lift_sanction(room, account, kind, warrant).await? {
                return Err(Fault::not_found(format!("{} is not {said} there.", target.account.username)).into());
            }
            Ok(())
        })
        .await
    }

    /// Who is muted in a room or banned from it, the newest first.
    pub async fn sanctions(&self, room: ConversationId) -> Outcome<Vec<Sanction>> {
        self.hub.limits.asking(self.account())?;
        self.room(room).await?;
        self.permit_in(room, Act::Moderate { over: None, on_server: Role::User }).await?;
        let records = self.hub.store.sanctions(room, self.hub.now()).await.map_err(from_store)?;
        Ok(records.into_iter().map(view::sanction).collect())
    }

    /// Somebody this account may act upon there, and on which grounds.
    async fn target_to_moderate(&self, room: ConversationId, account: AccountId) -> Outcome<(Target, Vec<Fact>)> {
        let target = self.target(room, account).await?;
        let over = rank(target.role, target.owns_room);
        self.permitted_over(room, target, over).await
    }

    /// The same for taking back what was done to them: who owns the room may have been kept out before it was theirs.
    async fn target_to_spare(&self, room: ConversationId, account: AccountId) -> Outcome<(Target, Vec<Fact>)> {
        let target = self.target(room, account).await?;
        let over = target.role;
        self.permitted_over(room, target, over).await
    }

    async fn permitted_over(
        &self,
        room: ConversationId,
        target: Target,
        over: Option<MemberRole>,
    ) -> Outcome<(Target, Vec<Fact>)> {
        let act = Act::Moderate { over, on_server: target.account.role };
        let grounds = target.grounds(self.permit_in(room, act).await?);
        if target.account.id == self.account() {
            return Err(Fault::bad_request("You can't do that to yourself."));
        }
        Ok((target, grounds))
    }

    async fn target(&self, room: ConversationId, account: AccountId) -> Outcome<Target> {
        let room = self.room(room).await?;
        let found = self.hub.store.account(AccountKey::Id(account)).await.map_err(from_store)?;
        let account = found.ok_or_else(|| Fault::not_found("There is no such account."))?;
        let place = self.hub.store.membership(account.id, room.id).await.map_err(from_store)?;
        let standing = place.map(|place| Standing { role: place.role, muted_until: place.muted_until, shut: false });
        let owns_room = room.owner.as_ref().is_some_and(|owner| owner.id == account.id);
        Ok(Target { role: standing.map(|standing| standing.role), standing, owns_room, room, account })
    }

    fn sanction(&self, target: &Target, kind: SanctionKind, until: Time, reason: String) -> NewSanction {
        let (room, account, by) = (target.room.id, target.account.id, self.account());
        NewSanction { room, account, kind, until, reason, by, now: self.hub.now() }
    }

    fn warrant(&self, grounds: Vec<Fact>, act: &'static str, target: &Target, detail: String) -> Warrant {
        let deed = self.deed(act).of(format!("{}@{}", target.account.username, target.room.name));
        let audit = self.hub.audit(Some(self.account()), act, object(target), detail);
        Warrant::from(grounds).with_audit(audit).with_deed(deed)
    }
}

impl Target {
    /// What the leave to act upon them rests on, beside who acts.
    fn grounds(&self, mut grounds: Vec<Fact>) -> Vec<Fact> {
        let (account, conversation, standing) = (self.account.id, self.room.id, self.standing);
        grounds.push(Fact::RoleOfTarget { account, role: self.account.role });
        grounds.push(Fact::Member { account, conversation, standing });
        let owner = self.room.owner.as_ref().map(|owner| owner.id);
        grounds.push(Fact::RoomOwner { room: conversation, owner });
        grounds
    }
}

/// When a mute that lasts so long from now on ends.
fn until(now: Time, lasting: Option<Duration>) -> Outcome<Time> {
    match lasting {
        None => Ok(Time::FOREVER),
        Some(lasting) if lasting.is_zero() => Err(Fault::bad_request("A mute lasts at least a second.")),
        Some(lasting) => {
            let lasting = i64::try_from(lasting.as_millis()).unwrap_or(i64::MAX);
            Ok(Time(now.0.saturating_add(lasting)).min(Time::FOREVER))
        }
    }
}

fn object(target: &Target) -> String {
    format!("account {} in room {}", target.account.id, target.room.id)
}

fn no_member() -> Fault {
    Fault::not_found("They are no member of that room.")
}

fn reason_of(reason: &str) -> Outcome<String> {
    Ok(SafeText::line(&text::description("a reason", reason.trim(), REASON_MOST)?).into_written())
}
