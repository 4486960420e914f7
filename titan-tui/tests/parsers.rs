//! Every parser of the client takes whatever is in the corpus of its fuzz target, and what is near that; and no corpus is nobody's.

#[path = "../../titan-server/tests/support/corpus.rs"]
mod corpus;

use titan_tui::parsers::PARSERS;

#[test]
fn every_parser_takes_its_corpus_and_what_is_near_it() {
    let broken = corpus::broken(PARSERS);
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_corpus_has_its_parser() {
    let parsers = [titan_server::parsers::all(), PARSERS.to_vec()].concat();
    let examples = std::fs::read_dir(corpus::folder()).unwrap().map(|found| found.unwrap().file_name());
    let nobodys: Vec<_> = examples
        .map(|name| name.into_string().unwrap())
        .filter(|name| parsers.iter().all(|(parser, _)| parser != name))
        .collect();
    assert!(nobodys.is_empty(), "{nobodys:?}");
}
