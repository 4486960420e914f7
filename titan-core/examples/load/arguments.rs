//! What is asked for on the command line.

use clap::Parser;

/// Connects many clients, lets some of them talk, and reports deliveries a second, latency, errors, what was lost or
/// doubled, and the server's CPU time and memory.
///
/// The server's limits are made for people: start it with TITAN_LIMITS=off. Each client takes a file descriptor here and
/// one there: raise `ulimit -n` beyond a thousand clients.
#[derive(Parser, Debug)]
#[command(after_help = "Examples:
  export TITAN_LOAD_SERVER=http://127.0.0.1:8000
  one busy room:      load --clients 500 --rooms 1 --in-flight 64 --lean --pid $(pidof titan-server)
  a moderate rate:    load --clients 500 --rooms 1 --rate 20 --pid $(pidof titan-server)
  many small rooms:   load --clients 1000 --rooms 50 --in-flight 200 --lean
  idle connections:   load --clients 5000 --accounts 50 --rooms 50 --silent --lean --pid $(pidof titan-server)")]
pub struct Arguments {
    /// The server's address; there is none by default, since a load is not for a server that people use
    #[arg(long, env = "TITAN_LOAD_SERVER", value_name = "URL")]
    pub server: String,
    /// Clients that listen
    #[arg(long, default_value_t = 100)]
    pub clients: usize,
    /// Accounts they share, each with one client that talks; 20, and at least one a room, if not given
    #[arg(long)]
    pub accounts: Option<usize>,
    /// Rooms the accounts are spread over
    #[arg(long, default_value_t = 10)]
    pub rooms: usize,
    /// Messages a second over all rooms; as many as `--in-flight` allows if not given
    #[arg(long, conflicts_with = "in_flight")]
    pub rate: Option<f64>,
    /// Messages on their way to the server at any time
    #[arg(long, default_value_t = 32)]
    pub in_flight: usize,
    /// Bytes of a message
    #[arg(long, default_value_t = 100)]
    pub size: usize,
    /// How long to talk
    #[arg(long, default_value_t = 10)]
    pub seconds: u64,
    /// Say nothing: measure what idle connections cost
    #[arg(long)]
    pub silent: bool,
    /// Listen with bare sockets that only look for the marks, so that the generator costs less than the server
    #[arg(long)]
    pub lean: bool,
    /// The server's process, for its CPU time and memory
    #[arg(long)]
    pub pid: Option<u32>,
    /// The accounts are called this and a number
    #[arg(long, default_value = "load", value_name = "NAME")]
    pub prefix: String,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
}
