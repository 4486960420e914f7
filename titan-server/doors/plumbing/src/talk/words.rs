//! What a door brings to a conversation, and what it is asked with: its words, and requests made ready to be done.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::House;
use crate::wire::Unreadable;
use titan_hub::switchboard::{Delivery, Ending};
use titan_hub::{Attachment, Session, Visitor};

/// A door's words.
pub trait Talk: Clone + Send + Sync + 'static {
    /// Who connects must have logged in by then.
    const LOGIN_TIMEOUT: Duration;

    /// Whether a sign of life is as good as a first request: where clients connect before a person types a name.
    const A_SIGN_IS_ENOUGH: bool = false;

    /// Reads a frame; what is wrong with it is an answer too.
    fn request(&self, caller: Caller<'_>, text: &str) -> Asked;

    /// How somebody hears of something; none where the door has no word for it, or it isn't for them. An error ends the
    /// connection.
    fn tell(
        &self,
        entered: &Entered,
        delivery: &Delivery,
    ) -> impl Future<Output = Result<Option<Bytes>, Unable>> + Send;

    /// What is said of a request that could not be read at all.
    fn unreadable(&self, why: Unreadable) -> Bytes;

    /// What is said before the connection is ended from inside.
    fn goodbye(&self, ending: &Ending) -> Option<Bytes>;

    /// What is said to who did not log in in time.
    fn too_late(&self) -> Option<Bytes> {
        None
    }

    /// Somebody's connection ends; all is said.
    fn left(&self, _: Session) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }
}

/// Who asks.
pub struct Caller<'a> {
    pub house: &'a House,
    pub visitor: &'a Arc<Visitor>,
    pub entered: Option<&'a Arc<Entered>>,
}

/// Somebody who has logged in on this connection.
pub struct Entered {
    pub session: Session,
    pub attachment: Attachment,
}

/// A request ready to be done.
pub struct Asked {
    pub manner: Manner,
    /// What the log calls it.
    pub(super) called: Option<(Cow<'static, str>, Option<u64>)>,
    pub work: Pin<Box<dyn Future<Output = Done> + Send>>,
}

/// What a request came to.
#[derive(Default)]
pub struct Done {
    /// Some requests have no reply.
    pub frame: Option<Bytes>,
    /// Who the connection is from now on, after a login.
    pub entered: Option<Arc<Entered>>,
    /// The connection ends once the frame is out; what was asked behind it is not done.
    pub ends: bool,
}

/// How a request goes with others on its connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// It may wait for its commit together with others of its kind.
    pub overlaps: bool,
    /// Events wait until its reply is out.
    pub hushes: bool,
    /// It changes who the connection is: what follows waits to know who asks.
    pub enters: bool,
}

/// Why an event can't be told; the connection ends.
pub enum Unable {
    /// What it belongs to can't be read just now.
    Unread,
    /// It says that nothing more is to be heard here.
    Over,
}

impl Asked {
    pub fn new(manner: Manner, work: impl Future<Output = Done> + Send + 'static) -> Self {
        Self { manner, called: None, work: Box::pin(work) }
    }

    /// What the log calls it: its word, never what came with it, and the number its client gave it.
    pub fn called(self, what: impl Into<Cow<'static, str>>, number: Option<u64>) -> Self {
        Self { called: Some((what.into(), number)), ..self }
    }

    /// An answer that needs no doing, in its place among the others.
    pub fn answered(frame: Bytes) -> Self {
        Self::new(Manner { overlaps: true, ..Manner::default() }, async move { Done::saying(frame) })
    }
}

impl Done {
    /// A reply and nothing else.
    pub fn saying(frame: Bytes) -> Self {
        Self { frame: Some(frame), ..Self::default() }
    }
}
