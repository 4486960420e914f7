//! Titan-Net's words: frames to requests, outcomes and events to frames.

use std::time::Duration;

use bytes::Bytes;

use super::event::{self, Place};
use super::perform::{self, NOT_AUTHENTICATED, manner_of};
use super::reply::Refusal;
use super::request::Frame;
use titan_door::socket::MESSAGE_MOST;
use titan_door::talk::{Asked, Caller, Entered, Talk, Unable, Unreadable};
use titan_hub::switchboard::{Delivery, Ending, Happening};

#[derive(Clone, Copy)]
pub struct TitanNet;

impl Talk for TitanNet {
    /// The original's clients connect before a person types a name and a password.
    const LOGIN_TIMEOUT: Duration = Duration::from_secs(120);

    fn request(&self, caller: Caller<'_>, text: &str) -> Asked {
        let frame = match Frame::read(text) {
            Ok(frame) => frame,
            Err(malformed) => return refused(&Refusal::error(malformed.to_string())),
        };
        let name = frame.name().to_owned();
        if caller.entered.is_none() && !matches!(name.as_str(), "register" | "login") {
            return refused(&Refusal::error(NOT_AUTHENTICATED));
        }
        let request = match frame.request() {
            Ok(request) => request,
            Err(malformed) => return refused(&perform::refusal_of_malformed(&name, malformed.to_string())),
        };
        let (hub, visitor) = (caller.house.hub.clone(), caller.visitor.clone());
        let (manner, entered) = (manner_of(&request), caller.entered.cloned());
        Asked::new(manner, perform::perform(hub, visitor, entered, request)).called(name, None)
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

fn refused(refusal: &Refusal) -> Asked {
    Asked::answered(refusal.frame())
}
