//! The database of one system is none of another, and the right one is named.

use crate::import_older::land::Land;
use crate::import_older::{channels, json_lines, later_titan_net, tls_frames, utuvox};

#[test]
fn the_wrong_system_is_refused_and_the_right_one_named() {
    let lands = [
        ("titan-net", later_titan_net::land()),
        ("channels", channels::land()),
        ("json-lines", Land::new("json-lines", &json_lines::tables())),
        ("tls-frames", tls_frames::land()),
        ("utuvox", utuvox::land()),
    ];
    for (right, land) in &lands {
        for (wrong, _) in lands.iter().filter(|(wrong, _)| wrong != right) {
            let other = Land::new(wrong, "");
            let complaint = other.refuses_from(&land.text("old/chat.db"), &["--rename"]);
            assert!(complaint.contains("it is no database of"), "{right} as {wrong}: {complaint}");
            assert!(
                complaint.contains(&format!("that is `titan-server import {right}`")),
                "{right} as {wrong}: {complaint}"
            );
        }
    }
}

#[test]
fn what_is_of_no_system_is_refused_by_all() {
    for system in ["titan-net", "channels", "json-lines", "tls-frames", "utuvox"] {
        let empty = Land::new(system, "");
        std::fs::write(empty.path("old/chat.db"), "").unwrap();
        let complaint = empty.refuses(&[]);
        assert!(complaint.contains("it is no database of") && !complaint.contains("looks like"), "{complaint}");
        let other = Land::new(system, "CREATE TABLE notes (text); INSERT INTO notes VALUES ('x');");
        assert!(other.refuses(&[]).contains("it is no database of"));
    }
}
