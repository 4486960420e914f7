//! The databases of the other systems, and of the later Titan-Net, come in whole: built by hand, imported by the real binary,
//! and then met again by their people at doors of the house, with the passwords they had.

mod again;
mod channels;
mod doors;
mod former_names;
mod json_lines;
mod land;
mod later_titan_net;
mod postgres;
#[path = "../support/process.rs"]
mod process;
mod renewing;
mod strangers;
#[path = "../support/mod.rs"]
mod support;
mod tls_frames;
#[path = "../tls_support/mod.rs"]
mod tls_support;
mod utuvox;
