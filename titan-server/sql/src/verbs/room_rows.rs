//! The rows of rooms, as [`super::rooms`] and [`super::memberships`] read them.

use titan_core::ConversationId;

use super::super::tx::Row;
use super::super::{RoomRecord, StoreResult};

/// The columns that [`room_of`] reads: of the conversation `c`, the room `r`, its owner `o`.
pub const ROOM: &str = "c.id, r.name, r.description, r.kind, r.password_hash, o.id, o.username, o.titan_number, \
    c.members, c.created_at";

/// How many columns that is.
pub const ROOM_WIDTH: usize = 10;

/// Reads the columns of [`ROOM`], which begin at `first`, but for the id, which the caller has read.
pub fn room_of(row: &mut Row, first: usize, id: ConversationId, joined: bool) -> StoreResult<RoomRecord> {
    Ok(RoomRecord {
        id,
        name: row.get(first + 1)?,
        description: row.get(first + 2)?,
        kind: row.named(first + 3)?,
        password_hash: row.get(first + 4)?,
        owner: row.author(first + 5)?,
        members: row.get(first + 8)?,
        created_at: row.get(first + 9)?,
        joined,
    })
}
