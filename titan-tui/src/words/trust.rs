//! What is said of servers that are not believed, and what to do then. What speaks against them says the SDK.

use titan_core::{
    Fingerprint,
    client::{Flaw, Known, Untrusted},
};

use super::notices::sentence;

pub const BELIEVE_YES: &str = "trust it from now on";
pub const PLAINTEXT_YES: &str = "go on without encryption from now on";
pub const TRY_AGAIN_YES: &str = "try again";
pub const NOT_ENCRYPTED: &str = "not encrypted";
pub const NOT_BELIEVED: &str = "not believed, reading from the cache · /reconnect";
/// Groups of four digits in a line.
const GROUPS: usize = 8;

/// What a person is asked before anything is sent, and about what.
pub fn first_contact(server: &Untrusted) -> (String, String) {
    let name = &server.server;
    match server.fingerprint {
        Some(shown) => {
            let (flaw, shown) = (&server.flaw, grouped(shown));
            let compare = "Compare its fingerprint with the one that the server printed when it started, or ask its owner by another way \
                           than this:";
            (format!("Is this {name}?"), format!("Nobody vouches for it: {flaw}. {compare}\n{shown}"))
        }
        None => {
            let all = "Anybody there can read all that is sent, your password too. If the server speaks TLS, leave this, and begin its \
                       address with https://.";
            (format!("Nothing on the way to {name} is encrypted."), all.to_owned())
        }
    }
}

pub fn believe_yes(server: &Untrusted) -> &'static str {
    if server.flaw == Flaw::Plaintext { PLAINTEXT_YES } else { BELIEVE_YES }
}

/// The linear mode's words for a question that a letter doesn't answer.
pub fn plain_careful(yes: &str) -> String {
    format!("yes, written out: {yes}; n for no")
}

pub fn not_believed(server: &Untrusted) -> String {
    format!("{} is not believed.", server.server)
}

/// Why a server is refused, and what to do.
pub fn untrusted(server: &Untrusted) -> String {
    format!("{}\n{}", sentence(&server.to_string()), what_to_do(server))
}

fn what_to_do(server: &Untrusted) -> String {
    let name = &server.server;
    let told = server.fingerprint.map(|shown| format!("--trust {shown}")).unwrap_or_default();
    match (server.known, &server.flaw) {
        (_, Flaw::OtherThanTold(_)) => {
            "Is the address right? If its owner says that the certificate is, give its fingerprint.".into()
        }
        (Some(_), _) => format!("If the server's owner says that this is right:\n    titan trust forget {name}"),
        (None, Flaw::Plaintext) => {
            "Begin its address with https://, or say once that this is wanted: --allow-plaintext".into()
        }
        (None, Flaw::SelfSigned | Flaw::UnknownAuthority) => {
            format!("If this is the fingerprint that the server printed when it started, say so once: {told}")
        }
        (None, Flaw::OtherName(_)) => {
            format!("Use a name that it is for; or if the server's owner says that it is right: {told}")
        }
        (None, Flaw::Expired(_) | Flaw::NotYetValid(_)) => {
            format!(
                "The server's owner has to renew it, unless this machine's clock is wrong. If they say that it is right: {told}"
            )
        }
        (None, _) => format!("If the server's owner says that it is right: {told}"),
    }
}

/// How a server is known, for a list.
pub fn known(known: &Known) -> String {
    match known {
        Known::ByAuthority => "by an authority".to_owned(),
        Known::ByFingerprint(fingerprint) => format!("by its fingerprint, {fingerprint}"),
        Known::Plaintext => "without encryption".to_owned(),
        _ => "by what needs a newer Titan".to_owned(),
    }
}

/// In lines that people can compare.
fn grouped(fingerprint: Fingerprint) -> String {
    let text = format!("{fingerprint:#}");
    let groups: Vec<&str> = text.split(' ').collect();
    groups.chunks(GROUPS).map(|line| line.join(" ")).collect::<Vec<_>>().join("\n")
}
