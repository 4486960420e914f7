//! The table of the protocol: every command, what it takes, and what it is answered with.
//!
//! One entry is one command: its name on the wire, its type here, its reply, and its fields. A field with `?` may be left
//! out. Who may do what is decided by the server's policy, the same for all doors; a refusal is a [`super::Fault`]. A
//! command on its way to the server is a [`Command`], which holds any of them.
//!
//! Whoever asks writes a command out, field by field, so these structs alone are not `#[non_exhaustive]`: a command that
//! gains a field comes with a new minor version of this crate. On the wire a new field may always be left out.

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};

use super::{
    AppState, Category, Conversation, Done, FileInfo, MemberRole, Person, Place, Posted, Registered, Relation,
    RepositoryStats, Role, RoomKind,
    command::{commands, known, known_if_given},
    reply, repository,
};
use crate::secret::{revealed, revealed_if_given};
use crate::{
    AccountId, AppId, AppPasswordId, BlobId, ClientId, ConversationId, EntryId, FileId, Secret, Seq, SessionId, Time,
};

/// A command: what is asked, and what it is answered with.
///
/// ```
/// use titan_core::{AccountId, ConversationId, protocol::{Ask, Command, Done, ask::Unmute}};
///
/// fn answer_to<A: Ask>(_: &A, json: &str) -> A::Reply {
///     serde_json::from_str(json).unwrap()
/// }
/// let unmute = Unmute { conversation: ConversationId(5), account: AccountId(2) };
/// let Done {} = answer_to(&unmute, "{}");
/// let text = serde_json::to_string(&Command::from(unmute)).unwrap();
/// assert_eq!(text, r#"{"do":"unmute","conversation":5,"account":2}"#);
/// ```
pub trait Ask:
    Clone + fmt::Debug + PartialEq + Serialize + DeserializeOwned + Into<Command> + Send + Sync + 'static
{
    /// What the server answers once it is done.
    type Reply: Clone + fmt::Debug + Serialize + DeserializeOwned + Send + Sync + 'static;

    /// Its name on the wire, the `do` of a request.
    const NAME: &'static str;
}

commands! {
    // --- who I am

    /// Makes an account; doesn't log in. `name_taken` where somebody has the name, or one that looks like it.
    "register" Register -> Registered {
        username: String,
        #[serde(serialize_with = "revealed")] password: Secret,
        full_name?: String,
        /// With the server's admin key the account is an admin.
        #[serde(serialize_with = "revealed_if_given")] admin_key?: Secret,
    }

    /// Opens a session; the reply holds its token. `bad_credentials` where name and password don't fit; `choose_password`
    /// where somebody else made the password up, and no other one comes with it; `second_factor_required` where the account has a
    /// second factor and no right code comes with it. An app password needs no code. A session that this connection had ends.
    "login" Login -> reply::LoggedIn {
        username: String,
        #[serde(serialize_with = "revealed")] password: Secret,
        /// A code of the account's second factor, or one of its recovery codes.
        #[serde(serialize_with = "revealed_if_given")] code?: Secret,
        /// What is logged in with, such as `titan 0.9 on desk`: the lists of sessions show it. 100 characters at most.
        client?: String,
        /// The password from now on, in place of one that somebody else made up.
        #[serde(serialize_with = "revealed_if_given")] new_password?: Secret,
    }

    /// Enters an open session. A token that is unknown, expired or revoked is `bad_token`.
    "authenticate" Authenticate -> reply::LoggedIn {
        #[serde(serialize_with = "revealed")] token: Secret,
    }

    /// Ends this session: the token is worth nothing from then on, and the connection ends.
    "logout" Logout -> Done {}

    /// Gives my password again. For 10 minutes from then on, as after a login, this session may do what an account could be
    /// taken over by; later that is `confirm_first`. A wrong password is `bad_credentials`; an account with a second factor gives a
    /// code too.
    "confirm" Confirm -> Done {
        #[serde(serialize_with = "revealed")] password: Secret,
        #[serde(serialize_with = "revealed_if_given")] code?: Secret,
    }

    /// A secret for a second factor (TOTP: SHA-1, 6 digits, 30 s), which counts once a code of it came by `confirm_factor` from the
    /// same session, within 10 minutes. Takes a [`Confirm`].
    "add_factor" AddFactor -> reply::NewFactor {}

    /// Sets it up, gives recovery codes, which are shown never again, and ends every other session of mine. Takes a [`Confirm`].
    "confirm_factor" ConfirmFactor -> reply::RecoveryCodes {
        #[serde(serialize_with = "revealed")] code: Secret,
    }

    /// Takes it away, and ends every other session of mine. Takes a [`Confirm`].
    "remove_factor" RemoveFactor -> Done {}

    /// Other recovery codes in the place of those that are left. Takes a [`Confirm`].
    "renew_recovery_codes" RenewRecoveryCodes -> reply::RecoveryCodes {}

    /// My app passwords.
    "app_passwords" AppPasswords -> reply::AppPasswords {}

    /// Makes a password for one program or device, which needs no second factor and changes nothing about the account. Takes a
    /// [`Confirm`].
    "add_app_password" AddAppPassword -> reply::NewAppPassword {
        /// What it is for, such as `bot on desk`.
        name: String,
        /// The doors at which it is good, such as `titan_net` ([`super::DOORS`]): at all, if none is named.
        #[serde(default)] doors: Vec<String>,
        /// Whether an admin's sessions by it administer the server.
        #[serde(default)] administers: bool,
    }

    /// Removes one, and ends the sessions that it opened. Takes a [`Confirm`].
    "remove_app_password" RemoveAppPassword -> Done { app_password: AppPasswordId }

    /// My sessions on all doors.
    "sessions" Sessions -> reply::Sessions {}

    /// Ends another session of mine; its sockets close. Takes a [`Confirm`] in the last 10 minutes, or a login.
    "revoke_session" RevokeSession -> Done { session: SessionId }

    /// How much of mine is kept here, and how much may be.
    "usage" Usage -> reply::Usage {}

    /// Ends a session of an account, or (none named) all but this one. Of another account than mine admins may. Takes a [`Confirm`].
    "end_sessions" EndSessions -> Done { account: AccountId, session?: SessionId }

    /// Sets my password, ends every other session of mine and removes my app passwords.
    "change_password" ChangePassword -> Done {
        #[serde(serialize_with = "revealed")] old: Secret,
        #[serde(serialize_with = "revealed")] new: Secret,
    }

    /// What my account has that others don't see.
    "profile" Profile -> reply::Profile {}

    /// Changes what is given; an empty text clears it. Another `email` takes a [`Confirm`] in the last 10 minutes, or a login: the
    /// address before, where there was one, is told of it, and the new one counts once it is confirmed by the letter that goes there.
    #[derive(Default)]
    "update_profile" UpdateProfile -> Registered { full_name?: String, blog_url?: String, email?: String }

    /// Ends my account for good: its sessions end (this one too), it leaves its rooms, its name is free again. What it
    /// wrote stays, under the name as it was. A wrong password is `bad_credentials`.
    "delete_account" DeleteAccount -> Done {
        #[serde(serialize_with = "revealed")] password: Secret,
    }

    /// Confirms a new mail address by the token of the letter that went there. Needs no login. A token that was used, that is
    /// older than a day, or after which another address was given is `not_found`.
    "confirm_mail" ConfirmMail -> Done {
        #[serde(serialize_with = "revealed")] token: Secret,
    }

    /// Has a link for a new password mailed to the account's address. Needs no login, and the answer is the same whether
    /// or not there is such an account: how long the letter may take, since some mail servers turn a first try away, and how
    /// long the link is good.
    "request_reset" RequestReset -> reply::ResetAsked { username: String }

    /// Sets a new password by the token of such a link, once, and ends every session of the account. Needs no login. A
    /// token that was used, that is older than 15 minutes, or since which password or mail address changed is `not_found`.
    "reset_password" ResetPassword -> Done {
        #[serde(serialize_with = "revealed")] token: Secret,
        #[serde(serialize_with = "revealed")] password: Secret,
    }

    // --- people

    /// Who is online.
    #[derive(Default)]
    "who" Who -> reply::People {
        /// Presence events follow from now on.
        #[serde(default)] watch: bool,
        /// Those behind this one, where a reply said that there are more. So with all lists below.
        after?: AccountId,
        /// At most so many; as many as fit one answer if left out. So with all lists below.
        limit?: u32,
    }

    /// One person, by exactly one of the three; or by name and number, where a text may be either: whoever has the name is meant,
    /// and where nobody has it who has the number.
    #[derive(Default)]
    "find_account" FindAccount -> Person { account?: AccountId, username?: String, titan_number?: i64 }

    /// Accounts that ended since then, the oldest first: what is kept of them by name is to be forgotten.
    "ended_accounts" EndedAccounts -> reply::EndedAccounts { since: Time }

    /// People whose names begin so.
    "search_accounts" SearchAccounts -> reply::People {
        prefix: String,
        /// 50 if not given, 200 at most.
        limit?: u32,
    }

    /// Friends, requests in both directions, and those I have blocked.
    #[derive(Default)]
    "relations" Relations -> reply::Relations { after?: AccountId, limit?: u32 }

    /// Asks somebody to be friends; if they have asked me, we are. `forbidden` while either of us blocks the other.
    "request_friend" RequestFriend -> Relation { account: AccountId }

    /// Says yes to somebody who asked; `not_found` where nobody did.
    "accept_friend" AcceptFriend -> Relation { account: AccountId }

    /// Says no to somebody who asked; they aren't told.
    "decline_friend" DeclineFriend -> Done { account: AccountId }

    /// Ends a friendship, or takes back my own request.
    "remove_friend" RemoveFriend -> Done { account: AccountId }

    /// From now on neither of us can write to the other in private or ask to be friends; a friendship ends. What they
    /// say in rooms still comes, for the client to fold.
    "block" Block -> Done { account: AccountId }

    /// Takes a block back; a friendship that it ended does not return.
    "unblock" Unblock -> Done { account: AccountId }

    // --- rooms

    /// All rooms of the server.
    #[derive(Default)]
    "rooms" Rooms -> reply::Rooms { after?: ConversationId, limit?: u32 }

    /// My conversations, the most recently active first.
    #[derive(Default)]
    "conversations" Conversations -> reply::Conversations { after?: ConversationId, limit?: u32 }

    /// Makes a room; who makes it owns it.
    #[derive(Default)]
    "create_room" CreateRoom -> Conversation {
        name: String,
        #[serde(default)] description: String,
        #[serde(default, deserialize_with = "known")]
        kind: RoomKind,
        #[serde(serialize_with = "revealed_if_given")] password?: Secret,
    }

    /// Changes what is given. Owner, moderators and admins.
    #[derive(Default)]
    "update_room" UpdateRoom -> Conversation {
        conversation: ConversationId,
        name?: String,
        description?: String,
        /// An empty one unlocks.
        #[serde(serialize_with = "revealed_if_given")] password?: Secret,
    }

    /// Ends a room and its history. Its owner and admins.
    "delete_room" DeleteRoom -> Done { conversation: ConversationId }

    /// Becomes a member. `wrong_room_password` where the room asks for another one, `banned` where I am.
    "join_room" JoinRoom -> Conversation {
        conversation: ConversationId,
        #[serde(serialize_with = "revealed_if_given")] password?: Secret,
    }

    /// Is no member any more. "general" can't be left. A room of mine goes to the member `heir`, or else to the one who has been its
    /// moderator, or member, for longest; with nobody else in it, it stays mine.
    "leave_room" LeaveRoom -> Done { conversation: ConversationId, heir?: AccountId }

    /// Who is in a conversation of mine.
    #[derive(Default)]
    "members" Members -> reply::Members { conversation: ConversationId, after?: AccountId, limit?: u32 }

    /// The direct conversation with this person, made where there is none.
    "open_direct" OpenDirect -> Conversation { account: AccountId }

    // --- order in a room

    /// Makes a member a moderator, a plain member again, or the owner (the one before becomes a moderator). The owner
    /// and admins.
    "set_member_role" SetMemberRole -> Done {
        conversation: ConversationId,
        account: AccountId,
        #[serde(deserialize_with = "known")]
        role: MemberRole,
    }

    /// Removes a member, who may come back. Moderators (only members below them), the owner, admins; as with all below.
    /// The room reads who did it; the member reads the reason.
    "kick" Kick -> Done {
        conversation: ConversationId,
        account: AccountId,
        #[serde(default)] reason: String,
    }

    /// A member may read but not write. Outlasts their leaving and coming back.
    "mute" Mute -> Done {
        conversation: ConversationId,
        account: AccountId,
        /// For so long; until it is lifted if left out.
        seconds?: u64,
        #[serde(default)] reason: String,
    }

    /// Lets a member write again.
    "unmute" Unmute -> Done { conversation: ConversationId, account: AccountId }

    /// Keeps somebody out of a room until it is lifted, a member or not; a member is removed by it.
    "ban_member" BanMember -> Done {
        conversation: ConversationId,
        account: AccountId,
        #[serde(default)] reason: String,
    }

    /// Lets somebody join again, by themselves.
    "unban_member" UnbanMember -> Done { conversation: ConversationId, account: AccountId }

    /// Who is muted in a room or banned from it.
    "sanctions" Sanctions -> reply::Sanctions { conversation: ConversationId }

    // --- messages

    /// Says something. It is on the server's disk once it is answered. `forbidden` while I am muted.
    "post" Post -> Posted {
        conversation: ConversationId,
        /// At most 16,000 characters.
        text: String,
        /// The message it replies to.
        reply_to?: Seq,
        /// Makes sending again harmless: the same one gets the first answer, for ever. So with all below.
        client_id?: ClientId,
    }

    /// Changes a message of mine.
    "edit" Edit -> Posted { conversation: ConversationId, seq: Seq, text: String, client_id?: ClientId }

    /// Deletes a message: its author, the room's owner and moderators, admins. The text is erased, the place stays.
    "delete" Delete -> Posted { conversation: ConversationId, seq: Seq, client_id?: ClientId }

    /// Sets or takes back a reaction of mine.
    "react" React -> Posted {
        conversation: ConversationId,
        seq: Seq,
        /// At most 32 characters.
        emoji: String,
        /// Whether it is set.
        on: bool,
        client_id?: ClientId,
    }

    /// Entries in order of seq: those after `after`, or the last before `before`, or simply the last.
    #[derive(Default)]
    "history" History -> reply::Entries {
        conversation: ConversationId,
        before?: Seq,
        after?: Seq,
        /// 50 if not given, 500 at most.
        limit?: u32,
    }

    /// Moves my read mark forward; it never moves back.
    "mark_read" MarkRead -> Done { conversation: ConversationId, seq: Seq }

    /// Tells the others that I am writing.
    "typing" Typing -> Done { conversation: ConversationId }

    /// Messages with all these words, newest first; the last word may be the beginning of one. Those whose file's name has
    /// them too.
    #[derive(Default)]
    "search" Search -> reply::Results {
        query: String,
        /// In this one only; in all of mine if left out.
        conversation?: ConversationId,
        /// Only what is older than this entry: the `before` of the page before.
        before?: EntryId,
        /// 50 if not given, 500 at most.
        limit?: u32,
    }

    /// Continues after the last seq seen of each conversation: everything later follows as events, in order, without a
    /// gap, then a `caught_up` event. Conversations not named go on from now.
    "resume" Resume -> reply::Resumed { after: Vec<Place> }

    /// Passes a voice signal to one member of a room, or to all others. It is stored nowhere.
    "voice_signal" VoiceSignal -> Done {
        conversation: ConversationId,
        to?: AccountId,
        /// Any JSON, at most 32 KiB.
        signal: serde_json::Value,
    }

    /// What is known of a file of a conversation of mine.
    "file" File -> FileInfo { file: FileId }

    // --- repository

    /// Apps, newest first: the approved ones, or those in `state` (pending and rejected ones only for their authors
    /// and admins).
    #[derive(Default)]
    "apps" Apps -> reply::Apps {
        #[serde(deserialize_with = "known_if_given")]
        category?: Category,
        #[serde(deserialize_with = "known_if_given")]
        state?: AppState,
        /// Words that the name or description holds.
        query?: String,
        after?: AppId,
        limit?: u32,
    }

    /// One app.
    "app" App -> repository::App { app: AppId }

    /// The repository in numbers.
    "app_stats" AppStats -> RepositoryStats {}

    /// Lets everybody download an app. Admins.
    "approve_app" ApproveApp -> repository::App {
        app: AppId,
        /// What was looked at: an app that changed since is a `conflict`.
        sha256: BlobId,
    }

    /// Refuses an app. Admins.
    "reject_app" RejectApp -> repository::App { app: AppId, reason: String }

    /// Its author and admins.
    "delete_app" DeleteApp -> Done { app: AppId }

    // --- the house: admins, `forbidden` to others

    /// Everybody, with standing.
    #[derive(Default)]
    "accounts" Accounts -> reply::Accounts { after?: AccountId, limit?: u32 }

    /// Makes an account for somebody, who has to choose a password of their own at the first login, within a week. Takes a [`Confirm`] in the last 10 minutes, or a login; so do the three others here that
    /// say so.
    "add_account" AddAccount -> Registered {
        username: String,
        #[serde(serialize_with = "revealed")] password: Secret,
        #[serde(default, deserialize_with = "known")]
        role: Role,
    }

    /// Changes what is given; a new password ends the account's sessions, and has to be replaced at the next login, within a week.
    /// Takes a [`Confirm`].
    #[derive(Default)]
    "edit_account" EditAccount -> Registered {
        account: AccountId,
        #[serde(serialize_with = "revealed_if_given")] password?: Secret,
        #[serde(deserialize_with = "known_if_given")]
        role?: Role,
    }

    /// Ends the account's sessions and keeps it out, at every door.
    "ban" Ban -> Done {
        account: AccountId,
        #[serde(default)] reason: String,
    }

    /// Lets an account in again.
    "unban" Unban -> Done { account: AccountId }

    /// Sets the key that makes who registers with it an admin. Takes a [`Confirm`].
    "change_admin_key" ChangeAdminKey -> Done {
        #[serde(serialize_with = "revealed")] key: Secret,
    }

    /// Ends somebody's account for good, as they could themselves. Takes a [`Confirm`].
    "remove_account" RemoveAccount -> Done { account: AccountId }

    /// An account's sessions on all doors, with the addresses they came from.
    "account_sessions" AccountSessions -> reply::Sessions { account: AccountId }

    /// Keeps everybody out who comes from an IP address (such as `192.0.2.7`: no name, no port) or a network (such as
    /// `192.0.2.0/24`), and ends their connections. Of an IPv6 address the whole /64 is meant.
    "ban_address" BanAddress -> Done {
        address: String,
        #[serde(default)] reason: String,
    }

    /// Lets people come from an address or a network again.
    "unban_address" UnbanAddress -> Done { address: String }

    /// All banned addresses and networks.
    #[derive(Default)]
    "banned_addresses" BannedAddresses -> reply::AddressBans { after?: String, limit?: u32 }

    /// The last acts of moderation and administration, newest first.
    "audit" Audit -> reply::Audit {
        /// Only acts before this one, by its `id`: the next page.
        before?: i64,
        /// 100 if not given, 1,000 at most.
        limit?: u32,
    }

    /// Whether the audit log is still as it was written. The server goes along all of it.
    "verify_audit" VerifyAudit -> reply::AuditVerified {}

    /// Asks for nothing but an answer, at once.
    "ping" Ping -> Done {}
}
