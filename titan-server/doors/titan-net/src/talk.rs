//! Titan-Net's words: frames to requests, outcomes and events to frames.

use std::time::Duration;

use bytes::Bytes;

use super::event::{self, Place};
use super::perform::{self, NOT_AUTHENTICATED, manner_of};
use super::reply::Refusal;
use super::request::Frame;
use super::request_id::RequestId;
use titan_door::socket::MESSAGE_MOST;
use titan_door::talk::{Asked, Caller, Done, Entered, Talk, Unable, Unreadable};
use titan_hub::switchboard::{Delivery, Ending, Happening};

#[derive(Clone, Copy)]
pub struct TitanNet;

impl Talk for TitanNet {
    /// The original's clients connect before a person types a name and a password.
    const LOGIN_TIMEOUT: Duration = Duration::from_secs(120);
    const A_SIGN_IS_ENOUGH: bool = true;

    fn request(&self, caller: Caller<'_>, text: &str) -> Asked {
        match Frame::read(text) {
            Ok(frame) => asked(caller, frame),
            Err(malformed) => refused(None, &Refusal::error(malformed.to_string())),
        }
    }

    async fn tell(&self, entered: &Entered, delivery: &Delivery) -> Result<Option<Bytes>, Unable> {
        let session = &entered.session;
        match delivery.happening() {
            Happening::Passing(event) => Ok(event::passing(delivery, event)),
            Happening::Entry(entry) => {
                let other = session.other_in(entry.conversation).await.map_err(|fault| {
                    tracing::warn!(%fault, "a connection can't learn what an entry belongs to");
                    Unable::Unread
                })?;
                let place = other.map_or(Place::Room, Place::Direct);
                Ok(event::entry(delivery, entry, session.account(), place))
            }
        }
    }

    fn unreadable(&self, why: Unreadable) -> Bytes {
        let said = match why {
            Unreadable::Binary | Unreadable::NotText => "Requests are text frames".to_owned(),
            Unreadable::TooLong => format!("A request may have at most {MESSAGE_MOST} bytes"),
        };
        Refusal::error(said).frame()
    }

    fn goodbye(&self, ending: &Ending) -> Option<Bytes> {
        Some(Refusal::error(ending.reason.as_str()).frame())
    }
}

fn asked(caller: Caller<'_>, frame: Frame) -> Asked {
    let id = frame.id();
    let name = match frame.name() {
        Ok(name) => name,
        Err(malformed) => return refused(id, &Refusal::error(malformed.to_string())),
    };
    if caller.entered.is_none() && !matches!(name.as_str(), "register" | "login") {
        return refused(id, &Refusal::error(NOT_AUTHENTICATED));
    }
    let request = match frame.request() {
        Ok(request) => request,
        Err(malformed) => return refused(id, &perform::refusal_of_malformed(&name, malformed.to_string())),
    };
    let (hub, visitor) = (caller.house.hub.clone(), caller.visitor.clone());
    let (manner, entered) = (manner_of(&request), caller.entered.cloned());
    let doing = async move { marked(id, perform::perform(hub, visitor, entered, request).await) };
    Asked::new(manner, doing).called(name, None)
}

fn refused(id: Option<RequestId>, refusal: &Refusal) -> Asked {
    let frame = refusal.frame();
    Asked::answered(id.map_or_else(|| frame.clone(), |id| id.on(&frame)))
}

/// What a request came to, with what the client called it.
fn marked(id: Option<RequestId>, done: Done) -> Done {
    let Some(id) = id else { return done };
    Done { frame: done.frame.map(|frame| id.on(&frame)), ..done }
}
