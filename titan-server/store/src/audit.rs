//! The audit log as it is read: who did what to whom, and whether it is still as it was written.

use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;
use titan_core::Time;
use titan_core::protocol::Author;

use super::StoreResult;

/// The audit log; its rows are written by the transactions that do what they tell of.
#[async_trait]
pub trait Audit: Send + Sync + 'static {
    /// The last acts, newest first: those before a row, or all.
    async fn audit(&self, before: Option<i64>, limit: u32) -> StoreResult<Vec<AuditRow>>;
    /// Whether each row of the audit log is as it was written and follows the one before. Reads all of it.
    async fn audit_chain(&self) -> StoreResult<AuditChain>;
    /// Where it ends; none while nothing is in it.
    async fn audit_head(&self) -> StoreResult<Option<AuditHead>>;
    /// Whether what was the head of the audit log once is still a part of it.
    async fn audit_holds(&self, head: AuditHead) -> StoreResult<bool>;
}

/// A row of the audit log, with the names that its accounts and rooms have now.
#[derive(Clone, Debug)]
pub struct AuditRow {
    pub id: i64,
    pub at: Time,
    /// None for the operator at the command line, and for the house itself. Who has ended is called `former-` and the number.
    pub by: Option<Author>,
    pub act: String,
    /// What it was done to, such as `account 12 in room 5`.
    pub object: String,
    /// The account that the object names.
    pub whom: Option<Author>,
    /// The room that the object names, by its name, while there is one.
    pub room: Option<String>,
    pub detail: String,
    /// None in rows of before.
    pub door: Option<String>,
    /// None for the operator, and in rows of before.
    pub address: Option<String>,
}

/// Where the chain of the audit log ends, or once ended: a row, and the hash over it and all before it. As a text, `12:9f86d0…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditHead {
    pub row: i64,
    pub hash: [u8; 32],
}

/// What the chain of the audit log says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditChain {
    pub rows: u64,
    /// None while there are no rows.
    pub head: Option<AuditHead>,
    /// The first row that is not as it was written, or doesn't follow the one before.
    pub broken: Option<i64>,
}

impl AuditHead {
    pub fn hash_text(&self) -> String {
        self.hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Display for AuditHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.row, self.hash_text())
    }
}

/// A text that is no head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a head looks like 12:9f86d0…, as the log has it: a row, and 64 hexadecimal digits")]
pub struct NoHead;

impl FromStr for AuditHead {
    type Err = NoHead;

    fn from_str(text: &str) -> Result<Self, NoHead> {
        let (row, hash) = text.trim().split_once(':').ok_or(NoHead)?;
        let digits = hash.as_bytes();
        let plain = digits.len() == 64 && digits.iter().all(u8::is_ascii_hexdigit);
        let byte = |at: usize| u8::from_str_radix(&hash[2 * at..2 * at + 2], 16).unwrap_or_default();
        let row = row.parse().ok().filter(|row| *row > 0 && plain).ok_or(NoHead)?;
        Ok(Self { row, hash: std::array::from_fn(byte) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_is_written() {
        let head = AuditHead { row: 12, hash: std::array::from_fn(|at| at as u8 * 8) };
        assert_eq!(head.to_string().parse(), Ok(head));
        let text = head.to_string();
        for odd in ["", "12", "12:", "0:", &text[..40], &text.replace("12:", "x:"), &text.replace("12:", "-1:"), "12:é"]
        {
            assert_eq!(odd.parse::<AuditHead>(), Err(NoHead), "{odd}");
        }
    }
}
