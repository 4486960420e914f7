use super::*;
use proptest::prelude::*;

fn told(check: Check) -> Value {
    match check.refused() {
        Refused::Invalid(mistakes) => serde_json::to_value(mistakes).unwrap(),
        Refused::Said { .. } => panic!("a check only ever finds mistakes"),
    }
}

fn of_names(body: &str) -> Value {
    let mut check = Check::default();
    let body = read_json(body.as_bytes()).unwrap_or_else(|_| panic!("{body} is JSON"));
    let fields = check.fields(&body);
    check.trimmed(&fields, "username", Length { least: 3, most: 32 });
    check.trimmed(&fields, "password", Length { least: 6, most: 128 });
    told(check)
}

/// The expectations were written by FastAPI 0.165 with pydantic 2.14.
#[test]
fn mistakes_are_told_as_pydantic_tells_them() {
    let cases = [
        (
            "{}",
            json!([
                {"type": "missing", "loc": ["body", "username"], "msg": "Field required", "input": {}},
                {"type": "missing", "loc": ["body", "password"], "msg": "Field required", "input": {}},
            ]),
        ),
        (
            r#"{"username":"ab","password":"  12  "}"#,
            json!([
                {"type": "string_too_short", "loc": ["body", "username"], "msg": "String should have at least 3 characters", "input": "ab", "ctx": {"min_length": 3}},
                {"type": "string_too_short", "loc": ["body", "password"], "msg": "String should have at least 6 characters", "input": "  12  ", "ctx": {"min_length": 6}},
            ]),
        ),
        (
            r#"{"username":[1,{"a":2.5}],"password":null}"#,
            json!([
                {"type": "string_type", "loc": ["body", "username"], "msg": "Input should be a valid string", "input": [1, {"a": 2.5}]},
                {"type": "string_type", "loc": ["body", "password"], "msg": "Input should be a valid string", "input": null},
            ]),
        ),
        (
            "[]",
            json!([{"type": "model_attributes_type", "loc": ["body"], "msg": "Input should be a valid dictionary or object to extract fields from", "input": []}]),
        ),
        (
            "null",
            json!([{"type": "model_attributes_type", "loc": ["body"], "msg": "Input should be a valid dictionary or object to extract fields from", "input": null}]),
        ),
        ("", json!([{"type": "missing", "loc": ["body"], "msg": "Field required", "input": null}])),
    ];
    for (body, wanted) in cases {
        assert_eq!(of_names(body), wanted, "{body}");
    }
    let long = json!({"username": "a".repeat(33), "password": " 123456 "});
    let wanted = json!([{"type": "string_too_long", "loc": ["body", "username"], "msg": "String should have at most 32 characters", "input": "a".repeat(33), "ctx": {"max_length": 32}}]);
    assert_eq!(of_names(&long.to_string()), wanted);
    assert_eq!(of_names(&json!({"username": "  é€😀  ", "password": "123456", "more": 1}).to_string()), json!([]));
}

#[test]
fn what_nobody_would_see_is_too_short() {
    let mut check = Check::default();
    let body = Body::Json(json!({"content": "\u{200b}\u{1b}\u{feff}"}));
    let fields = check.fields(&body);
    assert_eq!(check.visible(&fields, "content", Length { least: 1, most: 2_000 }), None);
    assert_eq!(told(check)[0]["msg"], "String should have at least 1 character");
}

#[test]
fn bodies_that_are_no_json_are_told_with_the_place() {
    let refused = |bytes: &[u8]| match read_json(bytes) {
        Err(Refused::Invalid(mistakes)) => serde_json::to_value(mistakes).unwrap(),
        Err(Refused::Said { status, detail, .. }) => json!([status.as_u16(), detail]),
        Ok(body) => panic!("{body:?}"),
    };
    assert_eq!(
        refused(b"{\"a\" 1}"),
        json!([{"type": "json_invalid", "loc": ["body", 5], "msg": "JSON decode error", "input": {}, "ctx": {"error": "Expecting ':' delimiter"}}])
    );
    let unreadable = json!([400, "There was an error parsing the body"]);
    for bytes in [&b"{\"username\":\"\xff\"}"[..], b"{\"a\":1e999}", b"\"\\ud800\"", b"NaN", &b"[".repeat(100_000)] {
        assert_eq!(refused(bytes), unreadable);
    }
    assert!(matches!(read_json(b"\xef\xbb\xbf{}"), Ok(Body::Json(Value::Object(_)))));
}

#[test]
fn numbers_are_read_as_pydantic_reads_them() {
    let good = [
        ("1", 1),
        (" 1 ", 1),
        ("+1", 1),
        ("-1", -1),
        ("1.0", 1),
        ("1.00", 1),
        ("-0", 0),
        ("1_0", 10),
        ("1_0.0", 10),
        ("00012", 12),
        ("\n7\t", 7),
        ("99999999999999999999999", i64::MAX),
        ("-99999999999999999999999", -i64::MAX),
    ];
    for (text, number) in good {
        assert_eq!(integer(text), Some(number), "{text:?}");
    }
    let bad = [
        "", "+", "+-1", "--1", "1.", ".0", "1.0.0", "1__0", "_1", "1_", "1.0_0", "1e3", "０", "1.5", "- 1", "abc",
        "0x1", "1._0",
    ];
    for text in bad {
        assert_eq!(integer(text), None, "{text:?}");
    }
}

proptest! {
    #[test]
    fn any_number_is_read_back(number: i64) {
        prop_assert_eq!(integer(&number.to_string()), Some(number.max(-i64::MAX)));
    }

    #[test]
    fn any_text_is_a_number_or_a_mistake(text in any::<String>()) {
        let mut check = Check::default();
        let number = check.number("path", "channel_id", &text);
        prop_assert_eq!(number.is_none(), told(check) != json!([]));
    }

    #[test]
    fn any_body_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = read_json(&bytes);
    }

    #[test]
    fn a_text_that_will_do_is_within_its_bounds(text in any::<String>(), least in 1..4_usize, more in 0..8_usize) {
        let mut check = Check::default();
        let body = Body::Json(json!({"content": text}));
        let fields = check.fields(&body);
        match check.trimmed(&fields, "content", Length { least, most: least + more }) {
            Some(text) => prop_assert!((least..=least + more).contains(&characters(text))),
            None => prop_assert_eq!(told(check).as_array().map(Vec::len), Some(1)),
        }
    }
}
