//! Every parser of the server takes whatever is in the corpus of its fuzz target, and what is near that.

use crate::support::corpus;
use titan_server::parsers::all;

#[test]
fn every_parser_takes_its_corpus_and_what_is_near_it() {
    let broken = corpus::broken(&all());
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn what_breaks_a_parser_is_found() {
    let planted = |bytes: &[u8]| assert!(bytes.len() < 30, "planted");
    let broken = corpus::broken(&[("native_request", planted)]);
    assert!(broken.iter().all(|line| line.ends_with("planted")) && broken.len() > 50, "{broken:?}");
    assert_eq!(corpus::broken(&[("without_a_corpus", planted)]).len(), 1);
}
