//! Questions to the server: put, and what comes back told to the screen.

use super::{Runner, trouble};
use crate::{
    app::{
        event::{Event, Trouble},
        question::Question,
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
            runner.tell(answer.map_or_else(|trouble| Event::Refused(question.concern, trouble), Event::Answer)).await;
        });
    }
}
