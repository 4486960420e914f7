//! What settings come to, from wherever they are set.

use std::ffi::OsString;

use clap::{Args, Command, FromArgMatches};
use proptest::prelude::*;

use super::sources::{ids, without_empty};
use super::*;

fn resolve(settings: Settings, variables: &[(&str, &str)]) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { data_dir: Some(folder.path().to_owned()), ..settings };
    settings.resolve(None, &environment(variables)).unwrap()
}

fn environment(variables: &[(&str, &str)]) -> Environment {
    variables.iter().copied().collect()
}

fn variable(id: &str) -> String {
    format!("TITAN_{}", id.to_ascii_uppercase())
}

/// What a setting on the command line comes to.
fn on_line(id: &str, text: &str) -> Result<Settings, String> {
    let command = Settings::augment_args(Command::new("x").no_binary_name(true));
    let flag = command.get_arguments().find(|setting| setting.get_id() == id).unwrap().get_long().unwrap();
    let line = without_empty([OsString::from(format!("--{flag}")), text.into()].into_iter());
    let line = if line.is_empty() { line } else { vec![format!("--{flag}={text}").into()] };
    let read = sources::without_variables(command).try_get_matches_from(line).map_err(|error| error.to_string())?;
    Settings::from_arg_matches(&read).map_err(|error| error.to_string())
}

/// Where the house of a case is, where the case doesn't set it.
struct Folder {
    path: PathBuf,
    is_set: bool,
}

/// The settings in the end, as they are shown.
fn shown(
    settings: Settings,
    file: Option<&Path>,
    variables: &[(&str, &str)],
    folder: &Folder,
) -> Result<String, String> {
    let settings = if folder.is_set { settings } else { Settings { data_dir: Some(folder.path.clone()), ..settings } };
    let resolved = settings.resolve(file, &environment(variables)).map_err(|error| format!("{error:#}"))?;
    Ok(resolved.to_toml().unwrap().replace(&folder.path.display().to_string(), "FOLDER"))
}

#[test]
fn the_defaults_are_the_contracts() {
    let config = resolve(Settings::default(), &[]);
    assert_eq!(config.http, Address::local(8000));
    assert_eq!(config.titan_net, Address::local(8001));
    assert_eq!(config.slash, Address::Off);
    assert!(config.limits);
}

#[test]
fn the_seeds_variables_work_and_newer_ones_win() {
    let seeds =
        [("WEBSOCKET_PORT", "9001"), ("HTTP_HOST", "0.0.0.0"), ("HTTP_PORT", "9000"), ("DATABASE_PATH", "/x/y.db")];
    let config = resolve(Settings::default(), &seeds);
    assert_eq!(config.titan_net, Address::local(9001));
    assert_eq!(config.http, Address::At("0.0.0.0:9000".to_owned()));
    assert_eq!(config.database, PathBuf::from("/x/y.db"));
    let config = resolve(Settings { http: Some(Address::Off), ..Settings::default() }, &seeds);
    assert_eq!(config.http, Address::Off);
}

#[test]
fn a_file_is_read_and_its_mistakes_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("titan.toml");
    std::fs::write(&file, "http = \"127.0.0.1:1\"\nlimits = \"off\"\n").unwrap();
    let settings = || Settings { data_dir: Some(folder.path().to_owned()), ..Settings::default() };
    let config = settings().resolve(None, &Environment::default()).unwrap();
    assert_eq!(config.http, Address::local(1));
    assert!(!config.limits && config.passwords_min == 0);
    for least in ["passwords_min = 10", "passwords.min = 10", "[passwords]\nmin = 10"] {
        std::fs::write(&file, least).unwrap();
        assert_eq!(settings().resolve(None, &Environment::default()).unwrap().passwords_min, 10, "{least}");
    }
    std::fs::write(&file, "htpp = 1").unwrap();
    let error = format!("{:#}", settings().resolve(None, &Environment::default()).unwrap_err());
    assert!(error.contains("titan.toml") && error.contains("htpp"), "{error}");
    assert!("localhost".parse::<Address>().is_err());
}

#[test]
fn what_is_empty_is_unset_and_what_is_wrong_is_told_with_where_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let settings = || Settings { data_dir: Some(folder.path().to_owned()), ..Settings::default() };
    let told = |variables: &[(&str, &str)]| {
        settings().resolve(None, &environment(variables)).map(drop).map_err(|error| format!("{error:#}"))
    };
    let empty: Vec<_> = ids().iter().map(|id| variable(id)).collect();
    let empty: Vec<_> = empty.iter().map(|name| (name.as_str(), "")).collect();
    told(&empty).unwrap();
    for (name, value, also) in [
        ("TITAN_UPLOAD_MB", "many", "whole number"),
        ("TITAN_HTTP", "here", "HOST:PORT"),
        ("TITAN_TLS", "maybe", "self-signed"),
        ("TITAN_TLS_CERT", "/cert.pem", "tls_key"),
        ("TITAN_DATABASE", "postgres://titan@db/titan", "database_url"),
        ("TITAN_SMTP_FROM", "nobody", ""),
        ("TITAN_PUBLIC_URL", "chat.example.org", "https://"),
        ("TITAN_METRICS_KEY", "short", "16"),
        ("HTTP_PORT", "many", "HOST:PORT"),
    ] {
        let url = if name == "TITAN_SMTP_FROM" { "smtp://localhost" } else { "" };
        let why = told(&[(name, value), ("TITAN_SMTP_URL", url)]).unwrap_err();
        assert!(why.contains(name) && why.contains(also), "{name}: {why}");
    }
    let why = told(&[("TITAN_SMTP_URL", "pop3://me:s3cret@host"), ("TITAN_SMTP_FROM", "a@b.example")]).unwrap_err();
    assert!(why.contains("TITAN_SMTP_URL") && !why.contains("s3cret"), "{why}");
    std::fs::write(folder.path().join("titan.toml"), "# mine\n\nlimits = \"\"\nupload_mb = \"many\"\n").unwrap();
    let why = told(&[]).unwrap_err();
    assert!(why.contains("titan.toml, line 4") && why.contains("many"), "{why}");
}

#[test]
fn a_name_that_is_none_is_told_with_its_nearest() {
    let strangers = |name: &str| environment(&[(name, "x")]).strangers().map_err(|why| why.to_string());
    assert!(strangers("TITAN_HTPP").unwrap_err().contains("TITAN_HTTP"));
    assert!(strangers("TITAN_TRUSTED_PROXY").is_ok_and(|told| told[0].contains("TITAN_TRUSTED_PROXIES")));
    assert!(strangers("TITAN_UPLOADMB").unwrap_err().contains("TITAN_UPLOAD_MB"));
    for (name, near) in [("TITAN_HTTP_PORT", "TITAN_HTTP"), ("TITAN_ORIGINS", "TITAN_ALLOWED_ORIGINS")] {
        assert!(strangers(name).unwrap()[0].contains(near), "{name}: {:?}", strangers(name));
    }
    for cluster in ["TITAN_SERVICE_HOST", "TITAN_PORT_8000_TCP", "TITAN_PORT"] {
        assert_eq!(strangers(cluster).unwrap().len(), 1, "{cluster}");
    }
    for fine in ["TITAN_HTTP", "TITAN_SERVER", "PATH"] {
        assert!(strangers(fine).unwrap().is_empty(), "{fine}");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("some.toml");
    std::fs::write(&file, "http = \"off\"\n[tls]\ncret = \"x\"\n").unwrap();
    let why = Settings::default().resolve(Some(&file), &Environment::default()).unwrap_err().to_string();
    assert!(why.contains("some.toml, line 3") && why.contains("tls_cert"), "{why}");
}

#[test]
fn settings_that_are_shown_hide_their_secrets() {
    let secret = |text: &str| Some(text.parse().unwrap());
    let settings = Settings {
        smtp_url: secret("smtps://me:s3cret@mail.example.org"),
        smtp_from: Some("titan@example.org".to_owned()),
        reset_key: secret("s3cret-s3cret-s3cret"),
        ..Settings::default()
    };
    let config = resolve(settings, &[]);
    let shown = config.to_toml().unwrap();
    assert!(shown.contains("mail.example.org") && shown.contains("reset_key"), "{shown}");
    assert!(!shown.contains("s3cret") && !format!("{config:?}").contains("s3cret"), "{shown}");
}

proptest! {
    #[test]
    fn any_address_is_taken_or_told_why_not(text in any::<String>(), nearly in "[a-z0-9.:\\[\\]]{0,20}:[0-9]{0,7}") {
        for text in [text, nearly] {
            match text.parse::<Address>() {
                Ok(address) => prop_assert_eq!(address.to_string().parse::<Address>(), Ok(address)),
                Err(why) => prop_assert!(why.contains("HOST:PORT")),
            }
        }
    }

    #[test]
    fn any_file_is_taken_or_told_why_not(text in any::<String>(), name in "http|limits|tls|upload_mb|x|a.b", value in "[ -~]{0,20}") {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("some.toml");
        for text in [text, format!("{name} = {value}"), format!("{name} = {value:?}")] {
            std::fs::write(&file, text).unwrap();
            let settings = Settings { data_dir: Some(folder.path().to_owned()), ..Settings::default() };
            if let Err(why) = settings.resolve(Some(&file), &Environment::default()) {
                prop_assert!(format!("{why:#}").contains("some.toml"), "{why:#}");
            }
        }
    }

    #[test]
    fn a_setting_means_the_same_wherever_it_is_set(
        index: prop::sample::Index,
        text in prop_oneof![
            "[ -~]{0,24}",
            "on|off|true|no|ON| yes |self-signed|100| 7 |-1|0x10|127.0.0.1:80|[::1]:0|off |/tmp/x",
            "127.0.0.0/8, ::1|loopback private|https://a.example/b|https://a.example,https://b.example:80|a.example",
            "smtps://me:word@mail.example.org|Titan <titan@example.org>|0123456789abcdef|postgres://u@h/d",
            "| |  ",
        ],
    ) {
        let ids = ids();
        let id = index.get(&ids);
        let there = tempfile::tempdir().unwrap();
        let is_set = id == "data_dir" && !text.trim().is_empty();
        let folder = Folder { path: there.path().to_owned(), is_set };
        let by_line = on_line(id, &text).and_then(|settings| shown(settings, None, &[], &folder));
        let by_variable = shown(Settings::default(), None, &[(&variable(id), &text)], &folder);
        let file = folder.path.join("some.toml");
        std::fs::write(&file, format!("{id} = {}", toml::Value::String(text.clone()))).unwrap();
        let by_file = shown(Settings::default(), Some(&file), &[], &folder);
        prop_assert_eq!(by_line.as_ref().ok(), by_variable.as_ref().ok(), "{} {:?} {:?} {:?}", id, text, by_line, by_variable);
        prop_assert_eq!(by_variable.as_ref().ok(), by_file.as_ref().ok(), "{} {:?} {:?} {:?}", id, text, by_variable, by_file);
        if let (Err(line), Err(said), Err(filed)) = (&by_line, &by_variable, &by_file) {
            prop_assert!(line.contains("--") && said.contains(&variable(id)) && filed.contains("some.toml, line 1"), "{line} {said} {filed}");
        }
    }

    #[test]
    fn settings_shown_give_the_same_settings(port: u16, off: bool, megabytes in 1..1_000_000u64, limits: bool) {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::local(folder.path());
        config.http = if off { Address::Off } else { Address::local(port) };
        config.upload_bytes = megabytes * 1024 * 1024;
        config.limits = limits;
        let file = folder.path().join("shown.toml");
        std::fs::write(&file, config.to_toml().unwrap()).unwrap();
        let again = Settings::default().resolve(Some(&file), &Environment::default()).unwrap();
        prop_assert_eq!(again.to_toml().unwrap(), config.to_toml().unwrap());
    }
}

#[cfg(unix)]
#[test]
fn a_database_that_a_link_names_is_the_file_itself_there_or_not() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("disk")).unwrap();
    symlink("disk/real.db", at("first")).unwrap();
    symlink(at("first"), at("titan.db")).unwrap();
    for there in [false, true] {
        assert_eq!(Config::local(folder.path()).database, at("disk/real.db"), "the file is there: {there}");
        std::fs::write(at("disk/real.db"), "").unwrap();
    }
    std::fs::remove_file(at("titan.db")).unwrap();
    assert_eq!(Config::local(folder.path()).database, at("titan.db"));
    symlink("titan.db", at("titan.db")).unwrap();
    Config::local(folder.path());
}
