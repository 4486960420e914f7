use super::super::username;
use super::*;
use proptest::prelude::*;

fn names(text: &str) -> Vec<Vec<String>> {
    mentions(text).iter().map(|mention| mention.names().collect()).collect()
}

/// Whom of these a text means.
fn meant<'a>(text: &'a str, people: &[&str]) -> Vec<&'a str> {
    mentions(text).iter().filter_map(|mention| mention.meant(|name| people.contains(&name))).collect()
}

#[test]
fn mentions_are_found_where_a_person_would_see_them() {
    assert_eq!(names("@ada, see @bob. mail@host @@x"), [vec!["ada"], vec!["bob.", "bob"], vec!["x"]]);
    assert!(names("no one @ all").is_empty());
    for text in
        ["(@ada)", "_@ada_", "**@ada**", "@ada's", "@ada/@x", "\"@ada\"", "＠ada", "@ada...", "say:@ada", "@ada—so"]
    {
        assert_eq!(meant(text, &["ada"]), ["ada"], "{text}");
    }
}

#[test]
fn nobody_is_meant_in_code_or_inside_an_address() {
    for text in [
        "`@ada`",
        "``a ` @ada``",
        "```\n@ada\n```",
        "~~~\n@ada",
        "> ```\n> @ada\n> ```",
        "mail ada@ada",
        "x.y+z@ada.example",
        "first_@ada.example",
        "https://example.org/@ada",
        "see https://x.example/a?b=@ada.",
        "<https://u:p@ada/>",
        "www.example.org/@ada",
        "example.org/@ada",
        "@ada@social.example",
        "写信给王@ada.example",
        "mailto:bob@ada",
        "ssh://git@ada/x",
        "e\u{301}@ada",
    ] {
        assert!(meant(text, &["ada", "social"]).is_empty(), "{text}");
    }
    assert_eq!(meant("`code` @ada", &["ada"]), ["ada"]);
    assert_eq!(meant("https://x.example @ada", &["ada"]), ["ada"]);
    assert_eq!(meant("见https://x.example，@ada", &["ada"]), ["ada"]);
}

#[test]
fn a_name_is_found_beside_scripts_without_spaces() {
    for text in [
        "@adaさん、こんにちは",
        "请看@ada，谢谢",
        "请@ada看一下",
        "@ada님 안녕하세요",
        "สวัสดี@adaครับ",
        "@ada2さん ＠ada。",
    ] {
        assert!(meant(text, &["ada", "ada2"])[0].starts_with("ada"), "{text}");
    }
    assert_eq!(meant("@太郎さん", &["太郎", "太"]), ["太郎"], "the longest that exists");
    assert_eq!(meant("@민수님께", &["민수"]), ["민수"]);
    assert_eq!(meant("@น้ำครับ", &["น้ำ"]), ["น้ำ"]);
    assert_eq!(mentions("@adaさん")[0].likely(), "ada");
    assert_eq!(mentions("@bob.")[0].likely(), "bob");
}

#[test]
fn a_name_is_found_in_decomposed_form_and_is_no_other() {
    let text = "hello @jose\u{301}!";
    assert_eq!(names(text), [["josé"]]);
    assert!(meant(text, &["jose"]).is_empty());
}

#[test]
fn mentions_cost_little_whatever_is_written() {
    for hostile in [
        "@a ".repeat(5_000),
        "@".repeat(16_000),
        "`".repeat(16_000) + "@a",
        format!("@{}", "太".repeat(15_000)),
        "www.@a".repeat(2_000),
    ] {
        let begun = std::time::Instant::now();
        let found = mentions(&hostile);
        assert!(found.len() <= 50 && found.iter().all(|mention| mention.names().count() <= 150));
        assert!(begun.elapsed().as_millis() < 500, "{:.20}: {:?}", hostile, begun.elapsed());
    }
}

proptest! {
    #[test]
    fn whatever_can_be_registered_can_be_mentioned(name in r"[\p{L}\p{M}\p{N}_.-]{1,12}", around in prop::sample::select(vec![("", ""), ("hi ", " and"), ("请", "，"), ("(", ")"), ("", "!")])) {
        if let Ok(name) = username(&name) {
            let text = format!("{}@{name}{}", around.0, around.1);
            // Beside a letter a name with a dot can't be told from an address.
            if around.0 != "请" || !name.contains('.') {
                prop_assert_eq!(mentions(&text).iter().map(|m| m.names().next().unwrap()).collect::<Vec<_>>(), [name.clone()]);
                let decomposed: String = text.nfd().collect();
                prop_assert!(mentions(&decomposed)[0].names().any(|found| found == name));
            }
        }
    }
}
