use super::*;
use proptest::prelude::*;

#[test]
fn one_name_is_one_however_it_is_written() {
    for (one, other) in [
        ("ΝΙΚΟΣ", "νικος"),
        ("ΝΙΚΟΣ", "νικοσ"),
        ("ὀδυσσεύσ", "ὈΔΥΣΣΕΎΣ"),
        ("José", "JOSE\u{301}"),
        ("Straße", "STRASSE"),
        ("STRAẞE", "strasse"),
        ("ﬁona", "FIONA"),
        ("Ᾱͅ", "ᾳ\u{304}"),
        ("ＡＤＡ", "ada"),
        ("ａd.", "AD."),
        ("ꭰꭱ", "ᎠᎡ"),
        ("Ǆ", "ǆ"),
        ("ǅ", "ǆ"),
        ("Å", "å"),
        ("가", "\u{1100}\u{1161}"),
        ("ͅα", "ια"),
        ("сосо", "COCO"),
        ("ｍax", "Max"),
    ] {
        assert_eq!(look_alike(one), look_alike(other), "{one} and {other}");
    }
    for (one, other) in [("ada", "adá"), ("user1", "userl"), ("straße", "strase"), ("m", "rn"), ("太郎", "太")] {
        assert_ne!(look_alike(one), look_alike(other), "{one} and {other}");
    }
}

#[test]
fn what_could_be_a_number_an_option_or_the_house_is_no_new_name() {
    for number in ["20860", "1", "٣٤٥", "१२३", "12.5", "1-2", "²", "①", "１２３", "Ⅷ"] {
        assert!(matches!(username(number), Err(Unfit::NoLetter { .. })), "{number}");
    }
    for marks in [".", "..", "_", "_._", "._-"] {
        assert!(matches!(username(marks), Err(Unfit::NoLetter { .. })), "{marks}");
    }
    for option in ["-", "--help", "-rf", "\u{301}a"] {
        assert!(matches!(username(option), Err(Unfit::Beginning { .. })), "{option}");
    }
    for house in [
        "operator",
        "_operator",
        "operator.",
        "console",
        "System",
        "SERVER",
        "ｔｉｔａｎ",
        "everyone",
        "General",
        "deleted",
        "former-12",
        "uтuvox",
    ] {
        assert!(username(house).is_err(), "{house}");
    }
    for fit in [
        "admin",
        "root",
        "john_doe",
        "dot.",
        "dash-",
        "विक्रम",
        "น้ำ",
        "ada1",
        "_ada",
        ".ada",
        "1e5",
        "一二三",
        "operators",
    ] {
        assert_eq!(username(fit).as_deref(), Ok(fit));
    }
}

proptest! {
    #[test]
    fn case_and_form_never_make_another_name(name in any::<String>(), word in "[\\p{L}\\p{M}\\p{N}]{1,8}") {
        for name in [name, word] {
            let key = look_alike(&name);
            prop_assert_eq!(look_alike(&name.nfc().collect::<String>()), key.clone());
            prop_assert_eq!(look_alike(&name.nfd().collect::<String>()), key.clone());
            prop_assert_eq!(look_alike(&CASES.fold_string(&name.nfd().collect::<String>())), key);
        }
    }

    #[test]
    fn names_that_differ_by_case_begin_alike(name in "[\\p{L}\\p{M}]{1,8}") {
        let apart: String = name.nfd().collect();
        prop_assert_eq!(folded(&CASES.fold_string(&apart)), folded(&name));
    }
}
