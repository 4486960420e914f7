//! The doors, under the names that the rest of the server knows them by. Each is a crate; only the server, which opens them,
//! can name them all.

pub mod http;

pub use titan_door::{House, Peer, Sizes, openapi, serve};
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
