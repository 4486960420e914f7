use proptest::prelude::*;

use super::*;
use unicode_segmentation::UnicodeSegmentation;

fn finds(query: &str, text: &str) -> bool {
    Sought::of(query).is_some_and(|sought| sought.is_in(&words(text)))
}

#[test]
fn words_are_found_in_scripts_without_spaces() {
    for (text, query) in [
        ("私は東京に住んでいます", "東京"),
        ("我们明天开会讨论新版本", "开会"),
        ("오늘은회의가있습니다", "회의"),
        ("ภาษาไทยไม่มีช่องว่าง", "ไทย"),
        ("ຂ້ອຍຢູ່ວຽງຈັນ", "ວຽງ"),
        ("ខ្ញុំរស់នៅភ្នំពេញ", "ភ្នំពេញ"),
        ("ကျွန်တော်ရန်ကုန်မှာနေတယ်", "ရန်ကုန်"),
        ("we launch 🚀 today", "🚀"),
        ("ﾀﾜｰへ行く", "タワー"),
        ("iPhone手机很贵", "手机"),
        ("iPhone手机很贵", "iphone"),
    ] {
        assert!(finds(query, text), "{query} in {text}");
    }
    assert!(!finds("京東", "私は東京に住んでいます"), "neighbours in their order");
    assert!(finds("東京 版本", "版本と東京"), "phrases in any");
}

#[test]
fn marks_and_cases_do_not_tell_words_apart() {
    for (text, query) in [
        ("قال مُحَمَّد ذلك", "محمد"),
        ("זה שָׁלוֹם לך", "שלום"),
        ("die Straße ist frei", "STRASSE"),
        ("die STRAẞE", "straße"),
        ("Ełk i Łódź", "łódź"),
        ("Ełk i Łódź", "lodz"),
        ("ΟΔΥΣΣΕΥΣ", "οδυσσεύς"),
        ("cafe\u{301}", "café"),
        ("Ｔｉｔａｎ", "titan"),
        ("İSTANBUL", "istanbul"),
        ("ısı", "ISI"),
        ("Tiếng Việt đẹp", "tieng viet dep"),
        ("Ærø", "aero"),
        ("می\u{200c}خواهم", "میخواهم"),
        ("كتاب", "کتاب"),
        ("ﬁne", "fine"),
        ("❤\u{fe0f}", "❤"),
        ("👍🏽", "👍"),
        ("👩\u{200d}👩\u{200d}👧", "👧"),
        ("soft\u{ad}ware", "software"),
    ] {
        assert!(finds(query, text), "{query} in {text}");
    }
}

#[test]
fn signs_of_syllables_tell_words_apart() {
    for (text, query, found) in [
        ("यह हिन्दी है", "हिन्दी", true),
        ("मेरा काला घोड़ा", "कल", false),
        ("यह किताब", "कीतोब", false),
        ("これは鍵（かぎ）です", "かき", false),
        ("🇺🇸🇵🇱", "🇸🇵", false),
        ("🇺🇸🇵🇱", "🇵🇱", true),
        (
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
            false,
        ),
    ] {
        assert_eq!(finds(query, text), found, "{query} in {text}");
    }
}

#[test]
fn the_last_word_may_be_a_beginning_and_no_other() {
    assert!(finds("rel", "the release notes") && finds("release no", "the release notes"));
    assert!(!finds("rel notes", "the release notes") && !finds("lease", "the release notes"));
    assert!(finds("don't", "I don't know") && finds("report-20", "report-2026_final.pdf"));
    assert!(!finds("no don't", "I don't know"));
    let words = message_words("a caption", Some("Übersicht.PDF"));
    assert!(Sought::of("ubers").unwrap().is_in(&words) && Sought::of("captio").unwrap().is_in(&words));
}

#[test]
fn a_word_has_its_bound() {
    let endless = "a".repeat(5_000);
    assert_eq!(words(&endless)[0].len(), WORD_MOST);
    assert!(finds(&endless, &endless));
}

/// Texts of many languages, of words that are made of all their letters.
fn texts() -> Vec<(&'static str, String)> {
    use icu_locale::exemplar_chars::ExemplarCharacters;
    let languages = [
        "am", "ar", "as", "be", "bg", "bn", "bo", "chr", "cs", "de", "dv", "dz", "el", "en", "es", "fa", "ff", "fr",
        "gu", "he", "hi", "hu", "hy", "ii", "is", "ja", "ka", "kk", "km", "kn", "ko", "lo", "lt", "ml", "mn", "mr",
        "my", "ne", "nqo", "or", "pa", "pl", "ps", "ro", "ru", "sa", "sat", "sd", "si", "sv", "syr", "ta", "te", "th",
        "ti", "tr", "ug", "uk", "ur", "uz", "vi", "yi", "yo", "zh",
    ];
    let text_of = |language: &'static str| {
        let locale = language.parse::<icu_locale::Locale>().unwrap().into();
        let main = ExemplarCharacters::try_new_main(&locale).unwrap();
        let letters: Vec<char> = main.code_points().iter_chars().collect();
        let words: Vec<String> = letters.chunks(5).take(200).map(|letters| letters.iter().collect()).collect();
        (language, words.join(" "))
    };
    languages.into_iter().map(text_of).collect()
}

#[test]
fn every_word_of_every_script_is_found_by_itself_and_by_its_beginnings() {
    for (language, text) in texts() {
        let known = words(&text);
        for word in text.split(' ') {
            let mut beginning = String::new();
            for grapheme in word.graphemes(true) {
                beginning.push_str(grapheme);
                let Some(sought) = Sought::of(&beginning) else { continue };
                assert!(sought.is_in(&known), "{language}: {beginning} of {word}");
            }
        }
    }
}

#[test]
fn every_emoji_is_found_by_itself() {
    for emoji in emojis::iter() {
        let text = format!("well{}done {}", emoji.as_str(), emoji.as_str());
        assert!(finds(emoji.as_str(), &text), "{emoji}");
    }
}

proptest! {
    #[test]
    fn words_are_what_an_index_can_take(text in any::<String>()) {
        for word in words(&text) {
            prop_assert!(!word.is_empty() && word.len() < WORD_MOST + 4);
            prop_assert!(!word.contains(|c: char| c.is_whitespace() || c.is_control() || c.is_ascii_punctuation()), "{word:?}");
        }
    }

    #[test]
    fn what_is_folded_stays_so(text in any::<String>(), hostile in "[a\u{300}-\u{36f}\u{600}-\u{6ff}\u{900}-\u{97f}\u{1100}-\u{11ff}ßﬁΣςİı\u{200b}-\u{200f}]{0,20}") {
        for text in [text, hostile] {
            let once = words(&text).join(" ");
            prop_assert_eq!(words(&once).join(" "), once);
        }
    }

    #[test]
    fn a_text_is_found_by_itself(text in any::<String>()) {
        if let Some(sought) = Sought::of(&text) {
            prop_assert!(sought.is_in(&words(&text)));
        }
    }
}
