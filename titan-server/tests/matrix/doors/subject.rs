//! Somebody who tries things at whichever door.

use async_trait::async_trait;

use crate::matrix::scene::{Scene, Stage};
use crate::matrix::table::{Act, Object};

/// It was done, or why not.
pub type Got = Result<(), String>;

/// Somebody who tries things at a door.
#[async_trait]
pub trait Subject: Send {
    /// Whether the door has a word for it.
    fn knows(&self, act: Act, object: Object) -> bool;

    async fn tries(&mut self, act: Act, object: Object, scene: &Scene, stage: &mut Stage<'_>) -> Got;
}

pub fn is_room(object: Object) -> bool {
    matches!(object, Object::OpenRoom | Object::LockedRoom | Object::General)
}

pub fn is_direct(object: Object) -> bool {
    matches!(object, Object::OwnDirect | Object::AnothersDirect)
}
