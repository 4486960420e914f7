//! The original's tables. Those of its later versions, and columns that came later, may be wanting.

use crate::foreign::{Foreign, Found, Shape};
use crate::likeness::stranger;
use crate::under_way::Source;
use crate::wish::System;

/// The places of a user's columns.
pub mod user {
    pub const ID: usize = 0;
    pub const USERNAME: usize = 1;
    pub const PASSWORD_HASH: usize = 2;
    pub const TITAN_NUMBER: usize = 3;
    pub const FULL_NAME: usize = 4;
    pub const CREATED_AT: usize = 5;
    pub const LAST_LOGIN: usize = 6;
    pub const IS_ADMIN: usize = 7;
    pub const BLOG_URL: usize = 8;
    pub const EMAIL: usize = 9;
    pub const ROLE: usize = 10;
}

/// The places of a room's columns.
pub mod room {
    pub const ID: usize = 0;
    pub const NAME: usize = 1;
    pub const DESCRIPTION: usize = 2;
    pub const CREATOR: usize = 3;
    pub const CREATED_AT: usize = 4;
    pub const KIND: usize = 5;
    pub const PASSWORD_HASH: usize = 6;
}

/// The places of an app's columns.
pub mod app {
    pub const ID: usize = 0;
    pub const NAME: usize = 1;
    pub const DESCRIPTION: usize = 2;
    pub const CATEGORY: usize = 3;
    pub const VERSION: usize = 4;
    pub const AUTHOR: usize = 5;
    pub const FILE_PATH: usize = 6;
    pub const UPLOADED_AT: usize = 7;
    pub const APPROVED: usize = 8;
    pub const APPROVED_BY: usize = 9;
    pub const APPROVED_AT: usize = 10;
    pub const DOWNLOADS: usize = 11;
    pub const METADATA: usize = 12;
}

const USERS: Shape = Shape {
    tables: &["users"],
    columns: &[
        &["id"],
        &["username"],
        &["password_hash"],
        &["titan_number"],
        &["full_name"],
        &["created_at"],
        &["last_login"],
        &["is_admin"],
        &["blog_url"],
        &["email"],
        &["role"],
    ],
    order: &[0],
};

const ROOMS: Shape = Shape {
    tables: &["chat_rooms"],
    columns: &[
        &["id"],
        &["name"],
        &["description"],
        &["creator_id"],
        &["created_at"],
        &["room_type"],
        &["password_hash"],
    ],
    order: &[0],
};

const MEMBERS: Shape =
    Shape { tables: &["room_members"], columns: &[&["room_id"], &["user_id"], &["joined_at"]], order: &[0, 2, 1] };

const MESSAGES: Shape = Shape {
    tables: &["room_messages"],
    columns: &[&["id"], &["room_id"], &["user_id"], &["message"], &["sent_at"]],
    order: &[0, 4],
};

const PRIVATES: Shape = Shape {
    tables: &["private_messages"],
    columns: &[&["id"], &["sender_id"], &["recipient_id"], &["message"], &["sent_at"], &["read"]],
    order: &[0, 4],
};

const APPS: Shape = Shape {
    tables: &["app_repository"],
    columns: &[
        &["id"],
        &["name"],
        &["description"],
        &["category"],
        &["version"],
        &["author_id"],
        &["file_path"],
        &["uploaded_at"],
        &["approved"],
        &["approved_by"],
        &["approved_at"],
        &["downloads"],
        &["metadata"],
    ],
    order: &[0],
};

/// Who is kept out of all, with the places that follow.
const BANS: Shape = Shape {
    tables: &["global_bans"],
    columns: &[&["id"], &["user_id"], &["reason"], &["expires_at"], &["ip_address"], &["hardware_id"]],
    order: &[0],
};

const ROOM_BANS: Shape = Shape {
    tables: &["room_bans"],
    columns: &[&["id"], &["user_id"], &["reason"], &["expires_at"], &["room_id"], &["banned_by"], &["banned_at"]],
    order: &[0],
};

const ADDRESSES: Shape =
    Shape { tables: &["ip_hardware_bans"], columns: &[&["id"], &["ip_address"], &["reason"]], order: &[0] };

const BLOCKS: Shape = Shape {
    tables: &["user_blocks"],
    columns: &[&["blocker_id"], &["blocked_id"], &["created_at"]],
    order: &[0, 2, 1],
};

const MODERATORS: Shape = Shape { tables: &["moderators"], columns: &[&["user_id"], &["title"]], order: &[0] };

pub struct Tables {
    pub users: Found,
    pub rooms: Found,
    pub messages: Found,
    pub privates: Option<Found>,
    pub members: Option<Found>,
    pub apps: Option<Found>,
    pub bans: Option<Found>,
    pub room_bans: Option<Found>,
    pub addresses: Option<Found>,
    pub blocks: Option<Found>,
    pub moderators: Option<Found>,
}

impl Tables {
    pub fn of(foreign: &Foreign) -> anyhow::Result<Self> {
        let found = |shape: &Shape, needed: &[usize]| foreign.find(shape).filter(|found| found.has_all(needed));
        let must_be = |shape: &Shape, needed: &[usize], wanting: &str| {
            found(shape, needed).ok_or_else(|| stranger(System::TitanNet, foreign, wanting))
        };
        Ok(Self {
            users: must_be(
                &USERS,
                &[user::ID, user::USERNAME, user::PASSWORD_HASH, user::TITAN_NUMBER],
                "it has no table users with id, username, password_hash and titan_number",
            )?,
            rooms: must_be(&ROOMS, &[room::ID, room::NAME], "it has no table chat_rooms with id and name")?,
            messages: must_be(
                &MESSAGES,
                &[1, 2, 3],
                "it has no table room_messages with room_id, user_id and message",
            )?,
            privates: found(&PRIVATES, &[1, 2, 3]),
            members: found(&MEMBERS, &[0, 1]),
            apps: found(&APPS, &[app::ID, app::NAME, app::AUTHOR, app::FILE_PATH]),
            bans: found(&BANS, &[1]),
            room_bans: found(&ROOM_BANS, &[1, 4]),
            addresses: found(&ADDRESSES, &[1]),
            blocks: found(&BLOCKS, &[0, 1]),
            moderators: found(&MODERATORS, &[0]),
        })
    }

    pub fn source<'a>(&'a self, foreign: &'a Foreign) -> anyhow::Result<Source<'a>> {
        let may_be = [
            &self.privates,
            &self.members,
            &self.apps,
            &self.bans,
            &self.room_bans,
            &self.addresses,
            &self.blocks,
            &self.moderators,
        ];
        let privates = self.privates.as_ref().map(|privates| foreign.count(privates)).transpose()?;
        let tables = [&self.users, &self.rooms, &self.messages];
        Ok(Source {
            foreign,
            system: System::TitanNet,
            tables: tables.into_iter().chain(may_be.into_iter().flatten()).collect(),
            people: (&self.users, &[user::ID, user::USERNAME, user::TITAN_NUMBER, user::CREATED_AT]),
            talk: (&self.messages, &[0, 3, 4]),
            messages: foreign.count(&self.messages)? + privates.unwrap_or_default(),
        })
    }
}
