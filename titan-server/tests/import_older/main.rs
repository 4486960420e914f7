//! The databases of the four other systems come in whole: built by hand, imported by the real binary, and then met again
//! by their people at doors of the house, with the passwords they had.

mod channels;
mod doors;
mod json_lines;
mod land;
mod postgres;
#[path = "../support/process.rs"]
mod process;
mod renewing;
#[path = "../support/mod.rs"]
mod support;
mod tls_frames;
#[path = "../tls_support/mod.rs"]
mod tls_support;
mod utuvox;
