//! The doors, under the names that the rest of the server knows them by. Each is a crate; only the server, which opens them,
//! can name them all.

pub mod http;

/// Doors that never hand out a token: nobody comes back to a session of theirs, which ends with its connection.
pub const WITHOUT_TOKENS: [&str; 3] = ["json_lines", "slash", "tls_frames"];

pub use titan_door::crowd::Crowd;
pub use titan_door::token::TokenKey;
pub use titan_door::{House, Peer, Sizes, guard, openapi, serve};
pub use titan_door_api as api;
pub use titan_door_channels as channels;
pub use titan_door_json_lines as json_lines;
pub use titan_door_native as native;
pub use titan_door_page as page;
pub use titan_door_reset_site as reset_site;
pub use titan_door_slash as slash;
pub use titan_door_status as status;
pub use titan_door_titan_net as titan_net;
pub use titan_door_tls_frames as tls_frames;
