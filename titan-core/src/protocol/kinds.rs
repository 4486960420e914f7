//! The words of the protocol: roles, kinds, states, rights. Each list may grow; see `words.rs`.

use super::words::{word, words};

/// The doors at which somebody logs in, as sessions name them.
pub const DOORS: [&str; 7] = ["native", "api", "titan_net", "channels", "json_lines", "slash", "tls_frames"];

words! {
    /// What an account may do on the whole server.
    #[derive(Default)]
    Role {
        /// What everybody may.
        #[default]
        User = "user",
        /// Keeps the house.
        Admin = "admin",
    }

    /// How somebody stands to the one who asks.
    RelationKind {
        /// They want to be friends, and wait for an answer.
        Requests = "requests",
        /// Both said so.
        Friend = "friend",
        /// They were asked, and have not answered.
        Requested = "requested",
        /// Shut out by the one who asks. That others shut one out is never told.
        Blocked = "blocked",
    }

    /// What keeps somebody from writing in a room, or out of it.
    SanctionKind {
        /// Reads, but doesn't write.
        Mute = "mute",
        /// Stays out.
        Ban = "ban",
    }

    /// What a room is for. A voice room carries voice signals between its members, and text all the same.
    #[derive(Default)]
    RoomKind {
        /// Writing.
        #[default]
        Text = "text",
        /// Talking.
        Voice = "voice",
    }

    /// What a member is in a room.
    #[derive(Default)]
    MemberRole {
        /// Reads and writes.
        #[default]
        Member = "member",
        /// Keeps order among members.
        Moderator = "moderator",
        /// The room's own; there is one.
        Owner = "owner",
    }

    /// What the one who asks may do in a room, in a conversation or to a member: what the server's policy would let happen
    /// at that moment. It may still say no, since things change.
    Right {
        /// Becoming a member (perhaps with a password).
        Join = "join",
        /// Being one no more.
        Leave = "leave",
        /// Posting, reacting, signalling. Not there while muted: it comes back when `muted_until` has passed.
        Write = "write",
        /// Changing one's own messages.
        EditOwn = "edit_own",
        /// Deleting one's own messages.
        EraseOwn = "erase_own",
        /// Deleting what others wrote.
        EraseOthers = "erase_others",
        /// Changing a room's name, description and password.
        ChangeRoom = "change_room",
        /// Ending a room and its history.
        DeleteRoom = "delete_room",
        /// Seeing who is muted and banned, lifting it, and banning who is no member.
        Moderate = "moderate",
        /// Removing a member.
        Kick = "kick",
        /// Keeping a member from writing, and lifting that.
        Mute = "mute",
        /// Keeping a member out.
        Ban = "ban",
        /// Making a member a moderator, a plain member or the owner; of a conversation: of some member.
        GiveRole = "give_role",
    }

    /// What kind of thing an app is. The six names are the wire's and the original's.
    Category {
        /// A program.
        Application = "application",
        /// A part of one.
        Component = "component",
        /// Sounds.
        SoundTheme = "sound_theme",
        /// A game.
        Game = "game",
        /// A package for TCE.
        TcePackage = "tce_package",
        /// A translation.
        LanguagePack = "language_pack",
    }

    /// Where an app stands with the admins.
    #[derive(Default)]
    AppState {
        /// Nobody has decided yet.
        #[default]
        Pending = "pending",
        /// Everybody may download it.
        Approved = "approved",
        /// Nobody may.
        Rejected = "rejected",
    }
}

impl std::str::FromStr for Category {
    type Err = super::Fault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        word("category", text)
    }
}
