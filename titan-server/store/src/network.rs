//! Addresses and networks as the house reads them: parsed and put into one form, never compared as texts.
//!
//! An IPv4 address in its IPv6 form is the IPv4 address. Whoever has an IPv6 address has the whole /64 that it lies in, so that is what is
//! counted and what is banned.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use ipnet::{IpNet, ip_mask_to_prefix};

/// What one household or machine is given of IPv6.
const HOUSEHOLD: u8 = 64;
/// Bits in front of an IPv4 address in its IPv6 form.
const MAPPED: u8 = 96;

/// A network; a single address is the smallest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpNet);

/// A text that names neither an address nor a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no address and no network: they look like 192.0.2.7, 192.0.2.0/24, 2001:db8::7 or 2001:db8::/32")]
pub struct NoNetwork(String);

impl Network {
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }

    /// The first address of it.
    pub fn address(&self) -> IpAddr {
        self.0.addr()
    }

    /// What a ban of it keeps out: of IPv6 never less than a household.
    pub fn as_banned(self) -> Self {
        match self.0 {
            IpNet::V6(net) if net.prefix_len() > HOUSEHOLD => {
                Self(IpNet::new(net.addr().into(), HOUSEHOLD).unwrap_or(self.0).trunc())
            }
            _ => self,
        }
    }
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self(IpNet::from(address.to_canonical()))
    }
}

impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        read(text.trim()).ok_or_else(|| NoNetwork(text.trim().to_owned()))
    }
}

/// An address, with or without brackets, and maybe how much of it counts, as a number of bits or as a mask.
fn read(text: &str) -> Option<Network> {
    let (address, size) = match text.split_once('/') {
        Some((address, size)) => (address, Some(size)),
        None => (text, None),
    };
    let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
    let written: IpAddr = bare.parse().ok()?;
    let address = written.to_canonical();
    let Some(size) = size else { return Some(address.into()) };
    let bits = size.parse::<u8>().ok().or_else(|| ip_mask_to_prefix(size.parse().ok()?).ok())?;
    let bits = if address == written { bits } else { bits.checked_sub(MAPPED)? };
    Some(Network(IpNet::new(address, bits).ok()?.trunc()))
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.prefix_len() == self.0.max_prefix_len() { self.0.addr().fmt(f) } else { self.0.fmt(f) }
    }
}

/// As what an address is counted, wherever there is so much for each.
pub fn counted_as(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let household = u128::from(address) >> (128 - HOUSEHOLD) << (128 - HOUSEHOLD);
            IpAddr::V6(Ipv6Addr::from(household))
        }
        address => address,
    }
}

/// Every network that an address lies in and that a ban may name, as it is written down; the address itself among them, as bans of single
/// IPv6 addresses once were.
pub fn around(address: &str) -> Vec<String> {
    let Ok(Network(own)) = address.parse() else { return vec![address.to_owned()] };
    let most = if own.max_prefix_len() > HOUSEHOLD { HOUSEHOLD } else { own.max_prefix_len() };
    let most = most.min(own.prefix_len());
    let larger = (0..=most).filter_map(|bits| Some(Network(IpNet::new(own.addr(), bits).ok()?.trunc()).to_string()));
    let mut around: Vec<_> = larger.collect();
    if most < own.prefix_len() {
        around.push(own.addr().to_string());
    }
    around
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    #[test]
    fn every_form_of_a_network_is_the_same_network() {
        for (form, written) in [
            (" 198.51.100.7 ", "198.51.100.7"),
            ("198.51.100.7/24", "198.51.100.0/24"),
            ("198.51.100.0/255.255.255.0", "198.51.100.0/24"),
            ("::ffff:198.51.100.7", "198.51.100.7"),
            ("::ffff:198.51.100.0/120", "198.51.100.0/24"),
            ("[2001:DB8::7]", "2001:db8::7"),
            ("2001:db8:0:0:1::/64", "2001:db8::/64"),
            ("0.0.0.0/0", "0.0.0.0/0"),
        ] {
            assert_eq!(network(form).to_string(), written, "{form}");
        }
        for none in
            ["", "next door", "198.51.100.0/33", "198.51.100.0/", "::ffff:198.51.100.0/24", "198.51.100.7:80", "/24"]
        {
            assert!(none.parse::<Network>().is_err(), "{none}");
        }
    }

    #[test]
    fn of_ipv6_a_household_is_counted_and_banned() {
        assert_eq!(network("2001:db8:1:2:3::4").as_banned().to_string(), "2001:db8:1:2::/64");
        assert_eq!(network("2001:db8::/32").as_banned().to_string(), "2001:db8::/32");
        assert_eq!(network("192.0.2.7").as_banned().to_string(), "192.0.2.7");
        let counted = |address: &str| counted_as(address.parse().unwrap()).to_string();
        assert_eq!(counted("2001:db8:1:2:3::4"), "2001:db8:1:2::");
        assert_eq!(counted("::ffff:192.0.2.7"), "192.0.2.7");
    }

    proptest! {
        #[test]
        fn an_address_is_found_by_whatever_network_around_it_is_banned(address: IpAddr, bits in 0..=128_u8) {
            let bits = bits.min(if address.is_ipv4() { 32 } else { 128 });
            if let Ok(banned) = format!("{address}/{bits}").parse::<Network>() {
                let banned = banned.as_banned();
                prop_assert!(banned.contains(address));
                prop_assert!(around(&address.to_string()).contains(&banned.to_string()), "{}", banned);
            }
            prop_assert!(around(&address.to_string()).iter().all(|text| network(text).contains(address)));
        }

        #[test]
        fn any_text_is_a_network_or_told_why_not(text in any::<String>(), nearly in "[0-9a-f.:/\\[\\]]{0,30}") {
            for text in [text, nearly] {
                match text.parse::<Network>() {
                    Ok(network) => prop_assert_eq!(network.to_string().parse(), Ok(network)),
                    Err(why) => prop_assert!(why.to_string().contains("192.0.2.0/24")),
                }
            }
        }
    }
}
