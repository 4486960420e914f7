//! The edges of the terminal and the shell: signals, a terminal that goes away or answers late, outputs and inputs that are none.
#![cfg(unix)]

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Command, Stdio},
};

use crate::support::{DEADLINE, House, Person, Run, eventually};

fn titan(person: &Person, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_titan"));
    command.args(arguments).current_dir(person.home()).env_clear().envs(person.environment());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Sends a file to general; its number.
fn file(person: &Person, bytes: &[u8]) -> String {
    fs::write(person.home().join("given"), bytes).unwrap();
    let posted = person.titan(&["--json", "put", "given", "#general"]).succeeds().object();
    let seq = posted["seq"].as_i64().unwrap();
    let entries =
        person.titan(&["--json", "history", "#general", "--after", &(seq - 1).to_string()]).succeeds().objects();
    entries[0]["file"]["id"].as_i64().unwrap().to_string()
}

#[track_caller]
fn ends(child: &mut Child) -> Option<i32> {
    let begun = std::time::Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        assert!(begun.elapsed() < DEADLINE, "it did not end");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

#[test]
fn the_terminal_is_given_back_after_every_signal_that_ends() {
    let house = House::open();
    let ada = house.person("ada");
    for signal in ["QUIT", "USR1", "USR2", "ALRM"] {
        let mut screen = ada.sits_down();
        screen.signals(signal);
        screen.ends();
        screen.is_given_back(&format!("after SIG{signal}"));
    }
}

#[test]
fn a_screen_that_was_put_aside_is_as_it_was_when_taken_up_again() {
    let house = House::open();
    let ada = house.person("ada");
    let mut screen = ada.sits_down();
    screen.types("half a thought").sees("half a thought").signals("TSTP");
    screen.is_put_aside();
    screen.until_screen("the shell's screen", |screen| !screen.alternate_screen());
    screen.is_given_back("while it is put aside");
    screen.signals("CONT");
    screen.until_screen("its modes again", |screen| screen.alternate_screen() && screen.bracketed_paste());
    screen.sees("half a thought").types(", whole now").sees("half a thought, whole now");
    // Stopped without being asked, by a shell that takes the terminal for itself meanwhile.
    screen.signals("STOP");
    screen.is_put_aside();
    screen.signals("CONT");
    screen.types("!").sees("half a thought, whole now!");
}

#[test]
fn what_a_terminal_answers_late_types_nothing() {
    let house = House::open();
    let ada = house.person("ada");
    let mut screen = ada.sits_down();
    for answer in
        ["\x1b[?62;22c", "\x1b[>0;276;0c", "\x1b[?2026;2$y", "\x1b]11;rgb:1e1e/1e1e/2e2e\x07", "\x1bP>|tmux 3.3a\x1b\\"]
    {
        for at in [1, 2, answer.len() / 2, answer.len() - 1] {
            let (first, rest) = answer.as_bytes().split_at(at);
            screen.sends(first).sends(rest);
        }
    }
    screen.enters("nothing but this").sees("nothing but this");
    eventually("it is said", || ada.reads("#general") == ["nothing but this"]);
}

#[test]
fn the_screen_ends_with_its_terminal_though_no_signal_tells() {
    let house = House::open();
    let ada = house.person("ada");
    let pair = portable_pty::native_pty_system().openpty(portable_pty::PtySize::default()).unwrap();
    let slave = || File::options().read(true).write(true).open(pair.master.tty_name().unwrap()).unwrap();
    // Not the session's terminal: no SIGHUP comes when it closes.
    let mut child = titan(&ada, &[]).stdin(slave()).stdout(slave()).stderr(slave()).spawn().unwrap();
    let mut reader = pair.master.try_clone_reader().unwrap();
    let mut first = [0; 1];
    reader.read_exact(&mut first).unwrap();
    drop((reader, pair));
    ends(&mut child);
}

#[test]
fn without_a_terminal_the_other_ways_are_named() {
    let nobody = Person::new("nobody", "http://127.0.0.1:9");
    let run = Run::of(titan(&nobody, &[]).spawn().unwrap()).fails(2, "--plain");
    assert!(run.err.contains("titan send") && run.out.is_empty(), "{run:#?}");
}

#[test]
fn odd_bytes_do_not_lose_a_message() {
    let house = House::open();
    let (ada, bob) = (house.person("ada"), house.person("bob"));
    for (sent, read) in [
        (&b"caf\xe9.c:3: error\r\n"[..], "caf\u{fffd}.c:3: error"),
        (b"a\0b", "a\u{2400}b"),
        (b"one\r\ntwo\r\n", "one\r\ntwo"),
        ("\u{feff}x".as_bytes(), "\u{feff}x"),
    ] {
        let mut child = titan(&ada, &["send", "#general", "-"]).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(sent).unwrap();
        Run::of(child).succeeds();
        assert_eq!(bob.reads("#general").last().map(String::as_str), Some(read));
    }
    ada.titan_reading(&["send", "#general", "-"], "").fails(1, "may not be empty");
    ada.titan_reading(&["send", "#general", "-"], &"x".repeat(20_000)).fails(1, "16000");
    ada.titan_reading(&["send", "#general", "-"], &"x".repeat(70_000)).fails(1, "");
}

#[test]
fn a_download_goes_through_standard_output_under_each_of_its_names() {
    let house = House::open();
    let ada = house.person("ada");
    let id = file(&ada, b"hello world");
    std::os::unix::fs::symlink("/dev/stdout", ada.home().join("out")).unwrap();
    for target in ["-", "/dev/stdout", "/dev/fd/1", "out"] {
        let run = ada.titan(&["get", &id, "-o", target]).succeeds();
        assert_eq!(run.out, "hello world", "{target}");
    }
    let kept = ada.home().join("kept");
    titan(&ada, &["get", &id, "-o", "/dev/stdout"]).stdout(File::create(&kept).unwrap()).status().unwrap();
    assert_eq!(fs::read(&kept).unwrap(), b"hello world");
    for (target, number) in [("/dev/stderr", 2), ("/dev/fd/3", 3)] {
        fs::write(&kept, b"before ").unwrap();
        let line = format!("exec {} get {id} -o {target} {number}>>kept", env!("CARGO_BIN_EXE_titan"));
        let mut command = Command::new("sh");
        command.args(["-c", &line]).current_dir(ada.home()).env_clear().envs(ada.environment()).stdin(Stdio::null());
        assert!(command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success(), "{target}");
        let written = fs::read(&kept).unwrap();
        assert!(written.starts_with(b"before ") && written.ends_with(b"hello world"), "{target}: {written:?}");
    }
    let full =
        titan(&ada, &["get", &id, "-o", "-"]).stdout(File::options().write(true).open("/dev/full").unwrap()).spawn();
    Run::of(full.unwrap()).fails(1, "No space left");
    assert!(ada.titan(&["export", "-"]).succeeds().out.ends_with("}\n"));
    let left: Vec<_> = fs::read_dir(ada.home()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name == "-" || name.to_string_lossy().contains("stdout")), "{left:?}");
}

#[test]
fn a_pipe_is_a_file_to_send() {
    let house = House::open();
    let ada = house.person("ada");
    let sent = |arguments: &[&str]| {
        let mut child = titan(&ada, arguments).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"piped bytes").unwrap();
        Run::of(child).succeeds();
        let entries = ada.titan(&["--json", "history", "#general"]).succeeds().objects();
        entries.last().unwrap()["file"].clone()
    };
    for (arguments, name) in [
        (&["put", "-", "#general", "--name", "../tar.gz"][..], "tar.gz"),
        (&["put", "/dev/stdin", "#general"], "input"),
    ] {
        let file = sent(arguments);
        assert_eq!((file["name"].as_str(), file["size"].as_i64()), (Some(name), Some(11)), "{file}");
        let id = file["id"].as_i64().unwrap().to_string();
        assert_eq!(ada.titan(&["get", &id, "-o", "-"]).succeeds().out, "piped bytes");
    }
}

#[test]
fn every_line_of_a_pipe_arrives_before_the_linear_mode_ends() {
    let house = House::open();
    let (ada, bob) = (house.person("ada"), house.person("bob"));
    let mut child = titan(&ada, &["--plain"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"one\ntwo\nthree\n").unwrap();
    Run::of(child).succeeds();
    let read = bob.reads("#general");
    assert!(read.ends_with(&["one".to_owned(), "two".to_owned(), "three".to_owned()]), "{read:?}");
}

#[test]
fn a_reader_who_has_enough_ends_what_follows() {
    let house = House::open();
    let ada = house.person("ada");
    ada.says("#general", "the first line");
    let mut child = titan(&ada, &["tail", "-f", "#general"]).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert!(line.contains("the first line"));
    drop(out);
    assert_eq!(ends(&mut child), Some(0));
    let mut plain = titan(&ada, &["--plain"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(plain.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    drop(out);
    assert_eq!(ends(&mut plain), Some(0));
}
