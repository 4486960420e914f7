//! A load generator: many clients, some of which talk; measures what arrives, when, and what it costs the server.

mod arguments;
mod crowd;
mod lean;
mod process;
mod talk;
mod tally;

use std::{sync::Arc, time::Duration};

use clap::Parser;
use serde_json::json;

use self::{arguments::Arguments, crowd::Crowd, process::Process, tally::Tally};

/// How long the server may take to give back what the logins needed.
const SETTLE: Duration = Duration::from_secs(5);

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
