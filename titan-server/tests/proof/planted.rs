//! Planted faults: a checker is believed only after it has caught them.

use crate::proof::checker::*;

const ROOM: i64 = 7;

/// Two senders, six messages and a `joined`, all acknowledged, heard whole by two readers.
fn sound() -> Observed {
    let mut observed = Observed { senders: [("ada".into(), 1), ("bob".into(), 2)].into(), ..Observed::default() };
    let said = [("", 0), ("ada", 1), ("bob", 1), ("ada", 2), ("ada", 3), ("bob", 2), ("bob", 3)];
    let mut log = Vec::new();
    for (index, (sender, number)) in said.into_iter().enumerate() {
        let (seq, id) = (index as i64 + 1, index as i64 + 101);
        let words = Words { sender: sender.into(), number };
        let author = if sender == "bob" { 2 } else { 1 };
        log.push(Line { seq, id, author, text: (number > 0).then(|| words.text()) });
        if number > 0 {
            observed.sent.insert(words.clone(), ROOM);
            observed.acknowledged.push(Acknowledged { words, conversation: ROOM, seq: Some(seq), id: Some(id) });
        }
    }
    for reader in ["eve", "zoe"] {
        observed.heard.push(Heard { reader: reader.into(), conversation: ROOM, lines: log.clone(), whole: true });
    }
    observed.truth.insert(ROOM, log);
    observed
}

fn truth(observed: &mut Observed) -> &mut Vec<Line> {
    observed.truth.get_mut(&ROOM).unwrap()
}

/// The readers follow the log, so that only what was done to the log is found.
fn retold(mut observed: Observed) -> Observed {
    let lines = truth(&mut observed).clone();
    observed.heard.iter_mut().for_each(|heard| heard.lines = lines.clone());
    observed
}

#[track_caller]
fn finds(observed: &Observed, kinds: &[Kind]) {
    let findings = examine(observed);
    let found: Vec<Kind> = findings.iter().map(|finding| finding.kind).collect();
    assert_eq!(found, kinds, "{findings:?}");
}

#[test]
fn a_sound_log_has_no_findings() {
    finds(&sound(), &[]);
}

#[test]
fn an_acknowledged_message_that_is_gone_is_found() {
    let mut observed = sound();
    truth(&mut observed).pop();
    finds(&retold(observed), &[Kind::Lost]);
}

#[test]
fn a_message_that_was_never_acknowledged_may_be_missing_or_there() {
    let mut observed = sound();
    observed.acknowledged.pop();
    finds(&observed, &[]);
    truth(&mut observed).pop();
    finds(&retold(observed), &[]);
}

#[test]
fn a_message_that_is_there_twice_is_found() {
    let mut observed = sound();
    let again = Line { seq: 8, id: 108, ..truth(&mut observed)[6].clone() };
    truth(&mut observed).push(again);
    finds(&retold(observed), &[Kind::Doubled]);
}

#[test]
fn an_id_that_is_given_twice_is_found() {
    let mut observed = sound();
    truth(&mut observed)[0].id = 105;
    finds(&retold(observed), &[Kind::Doubled]);
}

#[test]
fn a_gap_is_found_even_where_nothing_acknowledged_stood() {
    let mut observed = sound();
    truth(&mut observed).remove(0);
    finds(&retold(observed), &[Kind::Gap, Kind::Gap, Kind::Gap]);
}

#[test]
fn messages_of_a_sender_in_another_order_are_found() {
    let mut observed = sound();
    observed.acknowledged.clear();
    let log = truth(&mut observed);
    let text = log[1].text.take();
    log[1].text = log[3].text.replace(text.unwrap());
    finds(&retold(observed), &[Kind::Reordered]);
}

#[test]
fn a_message_that_nobody_sent_is_found() {
    let mut observed = sound();
    truth(&mut observed).push(Line { seq: 8, id: 108, author: 1, text: Some("ada 99".into()) });
    finds(&retold(observed), &[Kind::Invented]);
}

#[test]
fn a_message_under_another_name_is_found() {
    let mut observed = sound();
    truth(&mut observed)[1].author = 2;
    finds(&retold(observed), &[Kind::Invented]);
}

#[test]
fn a_message_in_another_room_is_found() {
    let mut observed = sound();
    let words = Words { sender: "ada".into(), number: 3 };
    observed.sent.insert(words, ROOM + 1);
    finds(&observed, &[Kind::Invented]);
}

#[test]
fn a_message_that_is_not_where_it_was_acknowledged_is_found() {
    let mut observed = sound();
    observed.acknowledged[2].seq = Some(5);
    observed.acknowledged[3].id = Some(1);
    finds(&observed, &[Kind::Moved, Kind::Moved]);
}

#[test]
fn a_retry_that_got_another_place_is_found() {
    let mut observed = sound();
    let mut again = observed.acknowledged[1].clone();
    again.seq = Some(9);
    observed.acknowledged.push(again);
    finds(&observed, &[Kind::Moved]);
}

#[test]
fn a_reader_who_missed_something_is_found() {
    let mut observed = sound();
    observed.heard[0].lines.remove(3);
    observed.heard[1].lines.truncate(5);
    finds(&observed, &[Kind::Gap, Kind::Lost]);
}

#[test]
fn a_reader_without_resume_may_miss_but_not_mishear() {
    let mut observed = sound();
    observed.heard[0].whole = false;
    observed.heard[0].lines.remove(3);
    observed.heard[0].lines.truncate(4);
    finds(&observed, &[]);
    observed.heard[0].lines.swap(0, 1);
    finds(&observed, &[Kind::Reordered]);
}

#[test]
fn a_reader_who_heard_something_twice_or_late_is_found() {
    let mut observed = sound();
    let again = observed.heard[0].lines[2].clone();
    observed.heard[0].lines.insert(3, again);
    observed.heard[1].lines.swap(4, 5);
    finds(&observed, &[Kind::Doubled, Kind::Gap, Kind::Reordered]);
}

#[test]
fn a_reader_who_heard_what_is_not_in_the_log_is_found() {
    let mut observed = sound();
    observed.heard[0].lines.push(Line { seq: 8, id: 108, author: 1, text: Some("ada 4".into()) });
    observed.heard[1].lines[4].text = Some("ada 1".into());
    finds(&observed, &[Kind::Invented, Kind::Differs]);
}
