//! What is written at one door arrives at all as it was written; those that are printed as they come hear what may be shown.

use super::*;
use titan_core::GENERAL;

/// Joiners, emoji sequences, direction, private letters, and what could act on a terminal.
const WRITTEN: &str = "می\u{200c}خواهم ශ්\u{200d}රී 👩\u{200d}👩\u{200d}👧 ❤\u{fe0f} 🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} \u{2067}שלום\u{2069} \u{e0a0} e\u{301} \u{202e}x\u{9b}31m\u{1b}[2Jz";

fn shown() -> String {
    WRITTEN.replace('\u{202e}', "‹U+202E›").replace('\u{9b}', "‹U+009B›").replace('\u{1b}', "␛")
}

macro_rules! doors {
    ($($story:ident: $door:ident, $heard:expr;)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                arrives(Door::$door, $heard).await;
            }
        )*
    };
}

doors! {
    native_keeps_every_code_point: Native, WRITTEN.to_owned();
    titan_net_keeps_every_code_point: TitanNet, WRITTEN.to_owned();
    channels_keeps_every_code_point: Channels, WRITTEN.to_owned();
    json_lines_keeps_every_code_point: JsonLines, shown();
    slash_keeps_every_code_point: Slash, shown();
    tls_frames_keeps_every_code_point: TlsFrames, shown();
}

async fn arrives(door: Door, wanted: String) {
    let house = open_house().await;
    let mut host = house.enter("host").await;
    let mut ada = Talker::enter(&house, door, "ada").await;
    ada.goes_to(&Place::general()).await;
    ada.says_all(&[WRITTEN.to_owned()]).await;
    pairs::all_are_written(&mut host, GENERAL.0, 1).await;
    has_all(&native::log(&mut host, GENERAL.0).await, "ada", &[WRITTEN.to_owned()]);
    host.says(GENERAL.0, WRITTEN).await;
    host.says(GENERAL.0, "that is all").await;
    let heard = ada.guest.hears_up_to("that is all").await;
    assert!(heard.contains(&Said { author: "host".to_owned(), text: wanted }), "{heard:?}");
}
