//! What takes apart bytes of others here, as a function of bytes: for the fuzz targets (`fuzz/`) and the test that goes through their
//! corpus. Nothing else calls it.

use titan_core::parsers::{Parser, text};

use crate::network::{Network, around, counted_as};

pub const PARSERS: &[Parser] = &[("network", network)];

fn network(bytes: &[u8]) {
    let text = text(bytes);
    if let Ok(network) = text.parse::<Network>() {
        assert_eq!(network.to_string().parse().as_ref(), Ok(&network), "a network that is shown is that network");
        assert!(network.as_banned().contains(network.address()), "what is banned holds what was named");
        let address = network.address();
        assert_eq!(counted_as(counted_as(address)), counted_as(address));
    }
    let _ = around(&text);
}
