//! What a client may ask for.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{AppState, Category, MemberRole, Place, Role, RoomKind};
use crate::{AccountId, AppId, BlobId, ClientId, ConversationId, FileId, Seq, SessionId};

/// Every command of the native protocol. Who may do what is decided by the server's policy, the same for all doors.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    // --- who I am
    /// Makes an account; doesn't log in. With the server's admin key the account is an admin.
    Register {
        username: String,
        password: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        full_name: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        admin_key: Option<String>,
    },
    /// Opens a session; the reply holds its token.
    Login {
        username: String,
        password: String,
    },
    /// Enters an open session by its token.
    Authenticate {
        token: String,
    },
    /// Ends this session.
    Logout {},
    /// My sessions on all doors.
    Sessions {},
    /// Ends another session of mine; its sockets close.
    RevokeSession {
        session: SessionId,
    },
    /// Ends every other session of mine.
    ChangePassword {
        old: String,
        new: String,
    },
    /// Changes what is given; an empty text clears it.
    UpdateProfile {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        full_name: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        blog_url: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        email: Option<String>,
    },

    /// Ends my account for good: its sessions end, it leaves its rooms, its name is free again. What it wrote stays.
    DeleteAccount {
        password: String,
    },
    /// Has a link for a new password mailed to the account's address. Needs no login, and the answer is the same whether
    /// or not there is such an account.
    RequestReset {
        username: String,
    },
    /// Sets a new password by the token of such a link, once, and ends every session of the account. Needs no login.
    ResetPassword {
        token: String,
        password: String,
    },

    // --- people
    /// Who is online. With `watch`, presence events follow from now on.
    Who {
        #[serde(default)]
        watch: bool,
    },
    /// One person, by exactly one of the three.
    FindAccount {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account: Option<AccountId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        username: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        titan_number: Option<i64>,
    },
    /// People whose names begin so, at most `limit` (50 if not given).
    SearchAccounts {
        prefix: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<u32>,
    },

    /// Friends, requests in both directions, and those I have blocked.
    Relations {},
    /// Asks somebody to be friends; if they have asked me, we are.
    RequestFriend {
        account: AccountId,
    },
    /// Says yes to somebody who asked.
    AcceptFriend {
        account: AccountId,
    },
    /// Says no to somebody who asked; they aren't told.
    DeclineFriend {
        account: AccountId,
    },
    /// Ends a friendship, or takes back my own request.
    RemoveFriend {
        account: AccountId,
    },
    /// From now on neither of us can write to the other in private or ask to be friends; a friendship ends.
    Block {
        account: AccountId,
    },
    Unblock {
        account: AccountId,
    },

    // --- rooms
    /// All rooms of the server.
    Rooms {},
    /// My conversations, the most recently active first.
    Conversations {},
    CreateRoom {
        name: String,
        #[serde(default)]
        description: String,
        #[serde(default)]
        kind: RoomKind,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        password: Option<String>,
    },
    /// Changes what is given; an empty password unlocks. Owner, moderators and admins.
    UpdateRoom {
        conversation: ConversationId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        password: Option<String>,
    },
    /// Ends a room and its history. Its owner and admins.
    DeleteRoom {
        conversation: ConversationId,
    },
    JoinRoom {
        conversation: ConversationId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        password: Option<String>,
    },
    LeaveRoom {
        conversation: ConversationId,
    },
    Members {
        conversation: ConversationId,
    },
    /// The direct conversation with this person, made where there is none.
    OpenDirect {
        account: AccountId,
    },

    /// Makes a member a moderator, a member again, or the owner (who made room for it becomes a moderator). The owner
    /// and admins.
    SetMemberRole {
        conversation: ConversationId,
        account: AccountId,
        role: MemberRole,
    },
    /// Removes a member, who may come back. Moderators (only members below them), the owner, admins; as with all below.
    Kick {
        conversation: ConversationId,
        account: AccountId,
        #[serde(default)]
        reason: String,
    },
    /// A member may read but not write, for so many seconds or until unmuted.
    Mute {
        conversation: ConversationId,
        account: AccountId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seconds: Option<u64>,
        #[serde(default)]
        reason: String,
    },
    Unmute {
        conversation: ConversationId,
        account: AccountId,
    },
    /// Keeps somebody out of a room, a member or not.
    BanMember {
        conversation: ConversationId,
        account: AccountId,
        #[serde(default)]
        reason: String,
    },
    UnbanMember {
        conversation: ConversationId,
        account: AccountId,
    },
    /// Who is muted in a room or banned from it.
    Sanctions {
        conversation: ConversationId,
    },

    // --- messages
    Post {
        conversation: ConversationId,
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<Seq>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<ClientId>,
    },
    /// Changes a message of mine.
    Edit {
        conversation: ConversationId,
        seq: Seq,
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<ClientId>,
    },
    /// Deletes a message: its author, the room's owner and moderators, admins. The text is erased, the place stays.
    Delete {
        conversation: ConversationId,
        seq: Seq,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<ClientId>,
    },
    /// Sets (`on`) or takes back a reaction of mine.
    React {
        conversation: ConversationId,
        seq: Seq,
        emoji: String,
        on: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<ClientId>,
    },
    /// Entries in order of seq: those after `after`, or the last before `before`, or simply the last; at most `limit`
    /// (50 if not given, 500 at most).
    History {
        conversation: ConversationId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Seq>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<Seq>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<u32>,
    },
    /// Moves my read mark forward; it never moves back.
    MarkRead {
        conversation: ConversationId,
        seq: Seq,
    },
    /// Tells the others that I am writing.
    Typing {
        conversation: ConversationId,
    },
    /// Messages with all these words, newest first, in one conversation or all of mine.
    Search {
        query: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation: Option<ConversationId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<u32>,
    },
    /// Continues after the last seq seen of each conversation: everything later follows as events, in order, without a
    /// gap, then a `caught_up` event. Conversations not named go on from now.
    Resume {
        after: Vec<Place>,
    },
    /// Passes a voice signal to one member of a room, or to all others.
    VoiceSignal {
        conversation: ConversationId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<AccountId>,
        signal: serde_json::Value,
    },
    /// What is known of a file of a conversation of mine.
    File {
        file: FileId,
    },

    // --- repository
    /// Apps, newest first: the approved ones, or those in `state` (pending and rejected ones only for their authors
    /// and admins).
    Apps {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        category: Option<Category>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        state: Option<AppState>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        query: Option<String>,
    },
    App {
        app: AppId,
    },
    AppStats {},
    /// Admins. `sha256` is what was looked at: an app that changed since is a `conflict`.
    ApproveApp {
        app: AppId,
        sha256: BlobId,
    },
    /// Admins.
    RejectApp {
        app: AppId,
        reason: String,
    },
    /// Its author and admins.
    DeleteApp {
        app: AppId,
    },

    // --- the house (admins)
    /// Everybody, with standing.
    Accounts {},
    AddAccount {
        username: String,
        password: String,
        #[serde(default)]
        role: Role,
    },
    /// Changes what is given; a new password ends the account's sessions.
    EditAccount {
        account: AccountId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        password: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<Role>,
    },
    /// Ends the account's sessions and keeps it out, at every door.
    Ban {
        account: AccountId,
        #[serde(default)]
        reason: String,
    },
    Unban {
        account: AccountId,
    },
    ChangeAdminKey {
        key: String,
    },
    /// Ends somebody's account for good, as they could themselves.
    RemoveAccount {
        account: AccountId,
    },
    /// An account's sessions on all doors, with the addresses they came from.
    AccountSessions {
        account: AccountId,
    },
    /// Keeps everybody out who comes from an IP address, and ends their connections.
    BanAddress {
        address: String,
        #[serde(default)]
        reason: String,
    },
    UnbanAddress {
        address: String,
    },
    BannedAddresses {},
    /// The last acts of moderation and administration, newest first, at most `limit` (100 if not given, 1,000 at most).
    Audit {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<u32>,
    },

    /// Answered at once.
    Ping {},
}

/// The fields that hold secrets, whatever command they belong to.
const SECRETS: [&str; 6] = ["password", "token", "admin_key", "old", "new", "key"];

/// As it travels, but for what is secret: a command may end up in a log.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut command = serde_json::to_value(self).map_err(|_| fmt::Error)?;
        for secret in SECRETS {
            if let Some(field) = command.get_mut(secret) {
                *field = "…".into();
            }
        }
        fmt::Display::fmt(&command, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown_where_a_command_is_logged() {
        let secret = || "hush".to_owned();
        let commands = [
            Command::Login { username: "ada".into(), password: secret() },
            Command::Authenticate { token: secret() },
            Command::ChangePassword { old: secret(), new: secret() },
            Command::ChangeAdminKey { key: secret() },
            Command::Register {
                username: "ada".into(),
                password: secret(),
                full_name: None,
                admin_key: Some(secret()),
            },
            Command::EditAccount { account: AccountId(1), password: Some(secret()), role: None },
            Command::JoinRoom { conversation: ConversationId(1), password: Some(secret()) },
            Command::DeleteAccount { password: secret() },
            Command::ResetPassword { token: secret(), password: secret() },
        ];
        for command in commands {
            let shown = format!("{command:?}");
            assert!(!shown.contains("hush") && shown.contains("\"do\""), "{shown}");
        }
        let shown = format!("{:?}", Command::LeaveRoom { conversation: ConversationId(7) });
        assert!(shown.contains("leave_room") && shown.contains('7'), "{shown}");
    }
}
