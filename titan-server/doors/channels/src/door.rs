//! What every handler of the door is given.

use titan_door::House;

#[derive(Clone)]
pub struct Door {
    pub house: House,
}
