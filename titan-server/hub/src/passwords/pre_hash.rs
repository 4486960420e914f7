//! The step that every door shares, PBKDF2-HMAC-SHA256 over the password, and how hashes are written and held against each
//! other.

use sha2::Sha256;
use subtle::ConstantTimeEq;

/// What the shared first step gives.
pub type PreHash = [u8; 32];

const ROUNDS: u32 = 10_000;

pub(super) fn pre_hash(password: &str, salt: &[u8; 32]) -> PreHash {
    pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(password.as_bytes(), salt, ROUNDS)
}

pub(super) fn same(one: impl AsRef<[u8]>, other: impl AsRef<[u8]>) -> bool {
    one.as_ref().ct_eq(other.as_ref()).into()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
