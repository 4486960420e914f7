//! The command line of `titan`.

fn main() {}
