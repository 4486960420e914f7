//! Keeping order: in a room, for its owner, its moderators and admins; in the house, for admins.

use std::time::Duration;

use super::Done;
use crate::{
    AccountId, ConversationId,
    client::{Client, Error},
    protocol::{
        AddressBan, AddressBans, Audit, AuditAct, Command, MemberRole, Sanction, Sanctions, SessionInfo, Sessions,
    },
};

/// Order in a room. Moderators act on plain members, the owner and admins on everybody below them; anything else is
/// `forbidden`.
impl Client {
    /// Makes a member a moderator, a plain member again, or the owner (the one before becomes a moderator). The owner and
    /// admins.
    pub async fn set_member_role(
        &self,
        conversation: ConversationId,
        account: AccountId,
        role: MemberRole,
    ) -> Result<(), Error> {
        self.done(Command::SetMemberRole { conversation, account, role }).await
    }

    /// Removes a member, who may come back. The room reads who did it; the member reads the reason.
    pub async fn kick(&self, conversation: ConversationId, account: AccountId, reason: &str) -> Result<(), Error> {
        self.done(Command::Kick { conversation, account, reason: reason.to_owned() }).await
    }

    /// Lets a member read but not write, for so long (whole seconds count), or until it is lifted. Outlasts their leaving
    /// and coming back.
    ///
    /// ```no_run
    /// # async fn hush(titan: titan_core::client::Client, room: titan_core::ConversationId, eve: titan_core::AccountId)
    /// # -> Result<(), titan_core::client::Error> {
    /// use std::time::Duration;
    ///
    /// titan.mute(room, eve, Some(Duration::from_secs(600)), "Too loud.").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn mute(
        &self,
        conversation: ConversationId,
        account: AccountId,
        time: Option<Duration>,
        reason: &str,
    ) -> Result<(), Error> {
        let seconds = time.map(|time| time.as_secs());
        self.done(Command::Mute { conversation, account, seconds, reason: reason.to_owned() }).await
    }

    /// Lets a member write again.
    pub async fn unmute(&self, conversation: ConversationId, account: AccountId) -> Result<(), Error> {
        self.done(Command::Unmute { conversation, account }).await
    }

    /// Keeps somebody out of a room until it is lifted, a member or not; a member is removed by it.
    pub async fn ban_member(
        &self,
        conversation: ConversationId,
        account: AccountId,
        reason: &str,
    ) -> Result<(), Error> {
        self.done(Command::BanMember { conversation, account, reason: reason.to_owned() }).await
    }

    /// Lets somebody join again, by themselves.
    pub async fn unban_member(&self, conversation: ConversationId, account: AccountId) -> Result<(), Error> {
        self.done(Command::UnbanMember { conversation, account }).await
    }

    /// Every mute and ban of a room that stands, those that have run out left away.
    pub async fn sanctions(&self, conversation: ConversationId) -> Result<Vec<Sanction>, Error> {
        self.call(Command::Sanctions { conversation }).await.map(|Sanctions { sanctions }| sanctions)
    }
}

/// Order in the house; for admins, `forbidden` to others.
impl Client {
    /// Ends somebody's account for good, as they could themselves. What they wrote stays, under the name as it was; the
    /// name is free again.
    pub async fn remove_account(&self, account: AccountId) -> Result<(), Error> {
        self.done(Command::RemoveAccount { account }).await
    }

    /// Where somebody is logged in, on all doors, with the addresses they came from.
    pub async fn account_sessions(&self, account: AccountId) -> Result<Vec<SessionInfo>, Error> {
        self.call(Command::AccountSessions { account }).await.map(|Sessions { sessions }| sessions)
    }

    /// Keeps everybody out who comes from this IP address (such as `192.0.2.7`, no name, no port), and ends their
    /// connections.
    pub async fn ban_address(&self, address: &str, reason: &str) -> Result<(), Error> {
        self.done(Command::BanAddress { address: address.to_owned(), reason: reason.to_owned() }).await
    }

    pub async fn unban_address(&self, address: &str) -> Result<(), Error> {
        self.done(Command::UnbanAddress { address: address.to_owned() }).await
    }

    /// All banned addresses.
    pub async fn banned_addresses(&self) -> Result<Vec<AddressBan>, Error> {
        self.call(Command::BannedAddresses {}).await.map(|AddressBans { addresses }| addresses)
    }

    /// The last acts of moderation and administration, newest first: at most `limit`, 100 if not given, 1,000 at most.
    pub async fn audit(&self, limit: Option<u32>) -> Result<Vec<AuditAct>, Error> {
        self.call(Command::Audit { limit }).await.map(|Audit { acts }| acts)
    }

    async fn done(&self, command: Command) -> Result<(), Error> {
        self.call(command).await.map(|Done {}| ())
    }
}
