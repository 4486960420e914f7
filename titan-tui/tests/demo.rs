//! The house that one may look around in, in a terminal.

use crate::support::{Person, eventually};

#[test]
fn a_house_with_people_who_talk_needs_no_server_and_leaves_nothing_behind() {
    let guest = Person::new("guest", "");
    let folder = guest.home().join("tmp");
    std::fs::create_dir(&folder).unwrap();
    let mut environment = guest.environment_of_a_newcomer();
    environment.push(("TMPDIR".into(), folder.display().to_string()));
    let mut screen = guest.opens_in(&environment, &["--demo", "--user", "guest"], (120, 40));
    screen.sees("● online").sees("UNREAD").sees("# release").sees("Welcome, @guest").sees("╭─ rust ");
    // They talk among themselves, and answer.
    screen.sees("is writing…").sees("Sensors are online.");
    screen.enters("@noor is anybody there?").sees("↳ guest: @noor is anybody there?");
    screen.presses(&["alt-2"]).sees("Night Train").sees("Snake in a Box");
    screen.presses(&["ctrl-q"]);
    assert_eq!(screen.ends(), 0);
    eventually("the house is gone", || std::fs::read_dir(&folder).unwrap().next().is_none());
    assert!(!guest.data_dir().join("server").exists() && !guest.data_dir().join("solo.toml").exists());
}
