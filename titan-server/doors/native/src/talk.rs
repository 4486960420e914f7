//! The native words: frames to requests, outcomes and events to frames.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use titan_core::protocol::{Entry, Event, Fault, FaultCode, Request, Response};

use super::perform;
use titan_door::socket::MESSAGE_MOST;
use titan_door::talk::{Asked, Caller, Done, Entered, Manner, Talk, Unable, Unreadable};
use titan_hub::switchboard::{Delivery, Dialect, Ending, Happening};

#[derive(Clone, Copy)]
pub struct Native;

impl Talk for Native {
    const LOGIN_TIMEOUT: Duration = Duration::from_secs(30);

    fn request(&self, caller: Caller<'_>, text: &str) -> Asked {
        let Request { id, command, .. } = match Request::parse(text) {
            Ok(request) => request,
            Err((id, fault)) => return Asked::answered(frame(&Response::fault(id, fault))),
        };
        let manner = Manner {
            overlaps: perform::overlaps(&command),
            enters: perform::enters(&command),
            hushes: perform::hushes(&command),
        };
        let (hub, visitor) = (caller.house.hub.clone(), caller.visitor.clone());
        let (tokens, entered) = (caller.house.tokens.clone(), caller.entered.cloned());
        let quota = caller.house.blobs.quota();
        let name = command.name();
        let doing = async move {
            match perform::perform(hub, &tokens, quota, &visitor, entered.as_deref(), command).await {
                Ok((reply, entered)) => {
                    Done { entered: entered.map(Arc::new), ..Done::saying(frame(&Response::of(id, Ok(reply)))) }
                }
                Err(fault) => Done::saying(frame(&Response::of(id, Err(fault)))),
            }
        };
        Asked::new(manner, doing).called(name, Some(id))
    }

    async fn tell(&self, _: &Entered, delivery: &Delivery) -> Result<Option<Bytes>, Unable> {
        Ok(delivery.encoded(Dialect::Native, encode))
    }

    fn unreadable(&self, why: Unreadable) -> Bytes {
        let fault = match why {
            Unreadable::Binary | Unreadable::NotText => {
                Fault::bad_request("Requests are text frames; file bytes go over HTTP.")
            }
            Unreadable::TooLong => {
                Fault::new(FaultCode::TooLarge, format!("A request may have at most {MESSAGE_MOST} bytes."))
            }
        };
        frame(&Response::fault(None, fault))
    }

    fn goodbye(&self, ending: &Ending) -> Option<Bytes> {
        let Ending { reason, retry_after_ms } = ending.clone();
        Some(frame(&Event::goodbye(reason, retry_after_ms)))
    }
}

fn frame(value: &impl serde::Serialize) -> Bytes {
    // Only maps with keys that are no strings can't be written, and the protocol has none.
    serde_json::to_vec(value).map(Bytes::from).unwrap_or_default()
}

fn encode(happening: &Happening) -> Option<Bytes> {
    #[derive(serde::Serialize)]
    struct EntryEvent<'a> {
        event: &'static str,
        entry: &'a Entry,
    }
    Some(match happening {
        Happening::Entry(entry) => frame(&EntryEvent { event: "entry", entry }),
        Happening::Passing(event) => frame(event),
    })
}
