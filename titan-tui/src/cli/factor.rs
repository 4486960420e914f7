//! The second factor of one's own account: set up, taken away, other recovery codes.

use std::io::{self, IsTerminal};

use clap::Subcommand;
use titan_core::{
    Secret,
    protocol::{NewFactor, RecoveryCodes, ask},
};

use super::{
    account,
    failure::Failure,
    globals::Globals,
    output::Output,
    session::{self, acknowledged},
    words,
};

/// What can be done with the second factor.
#[derive(Subcommand, Clone, Debug)]
pub enum Factor {
    /// Set one up: shows a secret for an app for codes, and asks for a code of it; without a terminal it comes as a line.
    Add,
    /// Take it away.
    Remove,
    /// Get other recovery codes; those that are left are worth nothing then.
    Codes,
}

/// One arm, one call.
pub async fn perform(globals: &Globals, output: &Output, what: Factor) -> Result<(), Failure> {
    match what {
        Factor::Add => add(globals, output).await,
        Factor::Remove => {
            let client = session::client(globals, output).await?;
            account::confirmed(&client, ask::RemoveFactor {}).await?;
            output.remark(crate::words::FACTOR_REMOVED);
            Ok(())
        }
        Factor::Codes => {
            let client = session::client(globals, output).await?;
            show(output, &account::confirmed(&client, ask::RenewRecoveryCodes {}).await?)
        }
    }
}

async fn add(globals: &Globals, output: &Output) -> Result<(), Failure> {
    let client = session::client(globals, output).await?;
    let factor = account::confirmed(&client, ask::AddFactor {}).await?;
    output.remark(offered(&factor, io::stderr().is_terminal()));
    let code = account::code().await?;
    let codes = acknowledged(client.ask(ask::ConfirmFactor { code })).await?;
    show(output, &codes)
}

/// The QR code stands black on white whatever the terminal's colours are; without a terminal the secret does.
fn offered(factor: &NewFactor, drawn: bool) -> String {
    let secret = words::factor_secret(factor.secret.reveal());
    match drawn {
        true => {
            let rows = crate::qr::half_blocks(&factor.qr);
            let rows = rows.iter().map(|row| format!("\u{1b}[30;107m{row}\u{1b}[0m\n")).collect::<String>();
            format!("{}\n{rows}{secret}", words::FACTOR_SCAN)
        }
        false => secret,
    }
}

fn show(output: &Output, codes: &RecoveryCodes) -> Result<(), Failure> {
    output.remark(crate::words::RECOVERY_CODES);
    output.result(codes, || codes.codes.iter().map(Secret::reveal).collect::<Vec<_>>().join("\n"))
}
