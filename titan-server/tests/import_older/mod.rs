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
mod renewing;
mod strangers;
mod tls_frames;
mod utuvox;
