//! The files of the house that hold secrets: whether somebody else on this machine can read them.

use std::path::Path;

use crate::config::{Config, Tls};
use crate::pepper::{PEPPER, of_before};

/// What lies in the data folder and is its owner's alone.
const SECRET: [&str; 6] = [PEPPER, "jwt_key", "admin_key.txt", "titan.toml", "tls/key.pem", "titan.db"];

/// Names what others can read, a line each.
pub fn warn_of_open_ones(config: &Config) {
    open_ones(config).into_iter().for_each(|line| tracing::warn!("{line}"));
}

fn open_ones(config: &Config) -> Vec<String> {
    let of_before = of_before(&config.data_dir).unwrap_or_default().into_iter().map(|(_, name)| name);
    let names = SECRET.iter().map(|name| (*name).to_owned()).chain(of_before);
    let mut files: Vec<_> = names.map(|name| config.data_dir.join(name)).collect();
    if let Tls::Files { key, .. } = &config.tls {
        files.push(key.clone());
    }
    let file = |path: &Path| {
        let mode = mode(path)?;
        (mode & 0o077 != 0).then(|| {
            format!(
                "{} can be read or changed by others on this machine (mode {mode:03o}): chmod 600 it",
                path.display()
            )
        })
    };
    let folder = |path: &Path| {
        let mode = mode(path)?;
        (mode & 0o007 != 0).then(|| {
            format!("everybody on this machine can look into {} (mode {mode:03o}): chmod 700 it", path.display())
        })
    };
    files.iter().filter_map(|path| file(path)).chain(folder(&config.data_dir)).collect()
}

/// None where there is no such file, or modes are unknown here.
#[cfg(unix)]
fn mode(path: &Path) -> Option<u32> {
    let known = std::fs::metadata(path).ok()?;
    Some(std::os::unix::fs::PermissionsExt::mode(&known.permissions()) & 0o777)
}

#[cfg(not(unix))]
fn mode(_: &Path) -> Option<u32> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_others_can_read_is_named_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::local(folder.path());
        let set = |name: &str, mode| {
            let path = folder.path().join(name);
            fs::write(&path, "secret").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        };
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o750)).unwrap();
        for (name, mode) in [("pepper", 0o600), ("jwt_key", 0o640), ("pepper.1", 0o604), ("titan.mark", 0o644)] {
            set(name, mode);
        }
        let found = open_ones(&config);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("jwt_key") && found[0].contains("mode 640"), "{found:?}");
        assert!(found[1].contains("pepper.1") && found[1].contains("mode 604"), "{found:?}");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        assert!(open_ones(&config)[2].contains("mode 755"));
    }
}
