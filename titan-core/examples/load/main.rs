//! A load generator: many clients, some of which talk; measures what arrives, when, and what it costs the server.

mod crowd;
mod lean;
mod process;
mod talk;
mod tally;

use std::{sync::Arc, time::Duration};

use clap::Parser;
use serde_json::json;

use self::{crowd::Crowd, process::Process, tally::Tally};

/// How long the server may take to give back what the logins needed.
const SETTLE: Duration = Duration::from_secs(5);

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
struct Arguments {
    /// The server's address; there is none by default, since a load is not for a server that people use
    #[arg(long, env = "TITAN_LOAD_SERVER", value_name = "URL")]
    server: String,
    /// Clients that listen
    #[arg(long, default_value_t = 100)]
    clients: usize,
    /// Accounts they share, each with one client that talks; 20, and at least one a room, if not given
    #[arg(long)]
    accounts: Option<usize>,
    /// Rooms the accounts are spread over
    #[arg(long, default_value_t = 10)]
    rooms: usize,
    /// Messages a second over all rooms; as many as `--in-flight` allows if not given
    #[arg(long, conflicts_with = "in_flight")]
    rate: Option<f64>,
    /// Messages on their way to the server at any time
    #[arg(long, default_value_t = 32)]
    in_flight: usize,
    /// Bytes of a message
    #[arg(long, default_value_t = 100)]
    size: usize,
    /// How long to talk
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Say nothing: measure what idle connections cost
    #[arg(long)]
    silent: bool,
    /// Listen with bare sockets that only look for the marks, so that the generator costs less than the server
    #[arg(long)]
    lean: bool,
    /// The server's process, for its CPU time and memory
    #[arg(long)]
    pid: Option<u32>,
    /// The accounts are called this and a number
    #[arg(long, default_value = "load", value_name = "NAME")]
    prefix: String,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    anyhow::ensure!(arguments.clients > 0 && arguments.rooms > 0, "there must be at least one client and one room");
    anyhow::ensure!(arguments.clients >= arguments.rooms, "every room needs a client: give at least as many");
    let server = Process::new(arguments.pid);
    let tally = Arc::new(Tally::new(arguments.rooms));
    let mut crowd = Crowd::gather(&arguments, &tally).await?;
    if arguments.silent {
        // The logins' memory goes back first.
        tokio::time::sleep(SETTLE).await;
    }
    let before = server.look();
    let idle = crowd.fill(&arguments, &tally).await?;
    let connected = server.look();
    eprintln!("{} clients are connected", arguments.clients);
    if arguments.silent {
        tokio::time::sleep(Duration::from_secs(arguments.seconds)).await;
    } else {
        talk::talk(&arguments, &crowd, &tally).await;
    }
    let after = server.look();
    let spoken = tally.posted();
    let report = tally.report(Duration::from_secs(arguments.seconds));
    let cpu = after.cpu_seconds - connected.cpu_seconds;
    let held = if arguments.silent { after } else { connected };
    let per_connection = (held.resident_kib - before.resident_kib) / idle.max(1) as f64;
    if arguments.json {
        let process =
            json!({"cpu_seconds": cpu, "resident_kib": after.resident_kib, "kib_a_connection": per_connection});
        println!("{}", json!({"load": report, "server": arguments.pid.map(|_| process)}));
        return Ok(());
    }
    println!("{report}");
    if arguments.pid.is_some() {
        let millions = report.deliveries as f64 / 1e6;
        println!(
            "server CPU        {cpu:.2} s ({:.2} s a million deliveries, {:.0} messages a CPU second)",
            cpu / millions.max(1e-9),
            spoken as f64 / cpu.max(1e-9)
        );
        println!(
            "server memory     {:.1} MiB; {per_connection:.1} KiB for each of {idle} idle connections",
            after.resident_kib / 1024.0
        );
    }
    anyhow::ensure!(report.lost == 0 && report.doubled == 0, "messages were lost or doubled");
    Ok(())
}
