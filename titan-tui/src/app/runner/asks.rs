//! Questions to the server: put, and what comes back told to the screen.

use titan_core::protocol::FaultCode;

use super::{Runner, trouble};
use crate::{
    app::{
        event::{Event, Trouble},
        question::{Concern, Question},
    },
    words,
};

impl Runner {
    pub(super) fn ask(&self, question: Question) {
        let runner = self.clone();
        tokio::spawn(async move {
            let answer = match runner.client() {
                Some(client) => question.put(client).await.map_err(trouble),
                None => Err(Trouble::new(words::NEEDS_CONNECTION)),
            };
            runner.tell(answer.map_or_else(|trouble| refused(question, trouble), Event::Answer)).await;
        });
    }
}

fn refused(question: Question, trouble: Trouble) -> Event {
    match (question.concern, trouble.code) {
        (Concern::Person, Some(FaultCode::ConfirmFirst)) => Event::ConfirmFirst(question),
        (concern, _) => Event::Refused(concern, trouble),
    }
}
