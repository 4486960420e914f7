//! Mail addresses as what sends letters understands them, so that what is taken at a door can be reached.

use idna::domain_to_ascii;
use lettre::message::Mailbox;
use lettre::{Address, Message};

/// An address that no letter can be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreachable {
    #[error("A mail address looks like name@example.org.")]
    NoAddress,
    #[error(
        "The house's mail server takes only addresses whose part before the @ is plain letters (it doesn't speak SMTPUTF8)."
    )]
    NameBeyondAscii,
}

/// The address as it travels: its domain in the form that every mail server knows. One that no letter can be written to is none,
/// an address literal (`ada@[192.0.2.1]`) among them.
pub fn travelling(text: &str) -> Result<Address, Unreachable> {
    let no_address = |_| Unreachable::NoAddress;
    let address: Address = text.trim().parse().map_err(no_address)?;
    let address = match address.domain().is_ascii() {
        true => address,
        false => {
            let domain = domain_to_ascii(address.domain()).map_err(|_| Unreachable::NoAddress)?;
            Address::new(address.user(), domain).map_err(no_address)?
        }
    };
    if is_writable(&address) { Ok(address) } else { Err(Unreachable::NoAddress) }
}

/// Whether a letter can be written to an address: what builds them takes fewer than what reads addresses.
fn is_writable(address: &Address) -> bool {
    let mailbox = || Mailbox::new(None, address.clone());
    Message::builder().from(mailbox()).to(mailbox()).body(String::new()).is_ok()
}

/// Whether a mail server must speak SMTPUTF8 for it.
pub fn needs_utf8(address: &Address) -> bool {
    !address.user().is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn international_domains_travel_as_every_server_knows_them() {
        for (given, sent) in [
            ("user@bücher.example", "user@xn--bcher-kva.example"),
            ("user@BÜCHER.example", "user@xn--bcher-kva.example"),
            ("ada@例え.テスト", "ada@xn--r8jz45g.xn--zckzah"),
            (" ada@example.org ", "ada@example.org"),
            ("ada+tag@Example.org", "ada+tag@Example.org"),
            ("żółw@bücher.example", "żółw@xn--bcher-kva.example"),
        ] {
            assert_eq!(travelling(given).unwrap().to_string(), sent, "{given}");
        }
        assert!(
            needs_utf8(&travelling("żółw@example.org").unwrap())
                && !needs_utf8(&travelling("a@bücher.example").unwrap())
        );
        for none in [
            "",
            "ada",
            "ada@",
            "@example.org",
            "a b@example.org",
            "ada@ex ample.org",
            "a@b@c",
            "ada@-x-.example",
            "a..b@example.org",
            "a@[127.0.0.1]",
            "a@[IPv6:2001:db8::1]",
        ] {
            assert_eq!(travelling(none), Err(Unreachable::NoAddress), "{none}");
        }
    }

    proptest! {
        #[test]
        fn what_travels_has_a_plain_domain_and_no_second_line(text in any::<String>(), nearly in "[a-zä.@ \\r\\n-]{0,30}") {
            for text in [text, nearly] {
                if let Ok(address) = travelling(&text) {
                    prop_assert!(address.domain().is_ascii() && !address.to_string().contains(['\r', '\n']));
                    prop_assert_eq!(travelling(address.as_ref()), Ok(address));
                }
            }
        }
    }
}
