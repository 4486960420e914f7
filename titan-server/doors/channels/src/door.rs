//! What every handler of the door is given.

use super::token::TokenKey;
use titan_door::House;

#[derive(Clone)]
pub struct Door {
    pub house: House,
    pub tokens: TokenKey,
}
