//! One letter, sent now and by the way that is set up, for an operator who watches: each step is told, and what the mail server says to it.

use std::path::PathBuf;

use lettre::Message;
use lettre::address::Envelope;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{Extension, MailParameter};
use lettre::transport::smtp::response::Response;

use super::address::{needs_utf8, travelling};
use super::letter;
use super::server::{Failed, Server, Tls, within, words};
use super::settings::{MailSettings, Smtp};
use super::way;

/// Sends it; true where it was taken. `tell` is given a line for each step.
pub async fn send(settings: &MailSettings, outbox: PathBuf, to: &str, tell: &mut dyn FnMut(String)) -> bool {
    let sent = match &settings.smtp {
        Some(smtp) => by_smtp(smtp, to, tell).await,
        None => into_outbox(outbox, to, tell).await,
    };
    match sent {
        Ok(()) => true,
        Err(failed) => {
            tell(format!("failed at {failed}"));
            false
        }
    }
}

async fn by_smtp(smtp: &Smtp, to: &str, tell: &mut dyn FnMut(String)) -> Result<(), Failed> {
    let to = travelling(to).map_err(Failed::at("reading the address"))?;
    let message = letter::trial(&smtp.from, to.clone()).map_err(Failed::at("writing the letter"))?;
    let server = Server::of(&smtp.url).ok_or("smtp_url can't be read").map_err(Failed::at("reading the settings"))?;
    look_up(&server, tell).await?;
    let mut connection = server.greet().await?;
    tell(format!("connected, and the server is {}", connection.server_info()));
    let encrypted = server.encrypt(&mut connection).await?;
    tell(how_private(server.tls, encrypted));
    match server.log_in(&mut connection).await? {
        Some(said) => tell(format!("logged in: {said}")),
        None => tell("not logged in: smtp_url names nobody".to_owned()),
    }
    if needs_utf8(&to) && !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
        return Err(Failed::at("addressing")(super::address::Unreachable::NameBeyondAscii));
    }
    hand_over(&mut connection, &message, tell).await?;
    tell("the mail server took the letter".to_owned());
    connection.abort().await;
    Ok(())
}

async fn look_up(server: &Server, tell: &mut dyn FnMut(String)) -> Result<(), Failed> {
    let host = server.host.trim_matches(['[', ']']);
    let found =
        within(tokio::net::lookup_host((host, server.port))).await.map_err(Failed::at("looking up the server"))?;
    let found: Vec<_> = found.map(|address| address.to_string()).collect();
    tell(format!("{} is {}", server.host, found.join(", ")));
    Ok(())
}

fn how_private(tls: Tls, encrypted: bool) -> String {
    match (tls, encrypted) {
        (_, true) => "TLS: encrypted, and the server's certificate is good",
        (Tls::IfItCan, false) => "TLS: plain, the server offers none",
        (_, false) => "TLS: plain, as smtp_url says",
    }
    .to_owned()
}

async fn hand_over(
    connection: &mut AsyncSmtpConnection,
    message: &Message,
    tell: &mut dyn FnMut(String),
) -> Result<(), Failed> {
    let envelope: &Envelope = message.envelope();
    let beyond_ascii = envelope.to().iter().any(needs_utf8);
    let parameters = if beyond_ascii { vec![MailParameter::SmtpUtfEight] } else { Vec::new() };
    let from = connection.command(Mail::new(envelope.from().cloned(), parameters));
    said("MAIL FROM", within(from).await, tell)?;
    for to in envelope.to() {
        said("RCPT TO", within(connection.command(Rcpt::new(to.clone(), Vec::new()))).await, tell)?;
    }
    said("DATA", within(connection.command(Data)).await, tell)?;
    said("the letter", within(connection.message(&message.formatted())).await, tell)
}

fn said(step: &'static str, answer: Result<Response, String>, tell: &mut dyn FnMut(String)) -> Result<(), Failed> {
    let answer = answer.map_err(Failed::at(step))?;
    tell(format!("{step}: {}", words(&answer)));
    Ok(())
}

async fn into_outbox(outbox: PathBuf, to: &str, tell: &mut dyn FnMut(String)) -> Result<(), Failed> {
    tell("no mail server is set up (smtp_url), so letters go into the outbox".to_owned());
    let to = travelling(to).map_err(Failed::at("reading the address"))?;
    let from = letter::house().map_err(Failed::at("writing the letter"))?;
    let message = letter::trial(&from, to).map_err(Failed::at("writing the letter"))?;
    let file = way::lay_into(outbox, message.formatted()).await.map_err(Failed::at("writing into the outbox"))?;
    tell(format!("it lies in {}", file.display()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::settings::Said;
    use super::*;
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;

    /// A server that answers a command with what is given for it, once.
    async fn server(answers: &'static [(&'static str, &'static str)]) -> MailSettings {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (read, mut write) = stream.split();
            let mut lines = BufReader::new(read).lines();
            write.write_all(b"220 postbox ESMTP\r\n").await.unwrap();
            while let Ok(Some(line)) = lines.next_line().await {
                let answer = answers.iter().find(|(command, _)| line.starts_with(command)).map(|(_, answer)| *answer);
                let usual = if line == "DATA" { "354 go on" } else { "250 ok" };
                write.write_all(format!("{}\r\n", answer.unwrap_or(usual)).as_bytes()).await.unwrap();
                if line == "DATA" {
                    while lines.next_line().await.unwrap().is_some_and(|line| line != ".") {}
                    let taken =
                        answers.iter().find(|(command, _)| *command == ".").map_or("250 queued", |(_, said)| said);
                    write.write_all(format!("{taken}\r\n").as_bytes()).await.unwrap();
                }
            }
        });
        let said = Said {
            smtp_url: Some(url.as_str().into()),
            smtp_from: Some("titan@example.org".into()),
            ..Said::default()
        };
        MailSettings::read(said).unwrap()
    }

    async fn told(settings: &MailSettings, to: &str) -> (bool, String) {
        let folder = tempfile::tempdir().unwrap();
        let mut lines = Vec::new();
        let sent = send(settings, folder.path().join("outbox"), to, &mut |line| lines.push(line)).await;
        (sent, lines.join("\n"))
    }

    #[tokio::test]
    async fn each_step_is_told_and_how_it_went() {
        let (sent, lines) = told(&server(&[(".", "250 queued as 4711")]).await, "user@bücher.example").await;
        assert!(
            sent && lines.contains("RCPT TO: 250 ok") && lines.contains("the letter: 250 queued as 4711"),
            "{lines}"
        );
        assert!(lines.contains("127.0.0.1 is 127.0.0.1:") && lines.contains("TLS: plain"), "{lines}");
        let grey = server(&[("RCPT", "450 4.2.0 Greylisted")]).await;
        let (sent, lines) = told(&grey, "ada@example.org").await;
        assert!(!sent && lines.contains("failed at RCPT TO") && lines.contains("Greylisted"), "{lines}");
        let (sent, lines) = told(&server(&[]).await, "żółw@example.org").await;
        assert!(!sent && lines.contains("SMTPUTF8"), "{lines}");
        let (sent, lines) = told(&server(&[]).await, "nobody").await;
        assert!(!sent && lines.contains("name@example.org"), "{lines}");
        let (sent, lines) = told(&MailSettings::default(), "ada@example.org").await;
        assert!(sent && lines.contains("outbox"), "{lines}");
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        drop(listener);
        let said = Said {
            smtp_url: Some(url.as_str().into()),
            smtp_from: Some("titan@example.org".into()),
            ..Said::default()
        };
        let (sent, lines) = told(&MailSettings::read(said).unwrap(), "ada@example.org").await;
        assert!(!sent && lines.contains("failed at connecting"), "{lines}");
    }
}
