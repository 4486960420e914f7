//! Lists of names: the one by which an operator says who is to be called what, and the one that an import leaves beside the
//! house of who is. The second can be given as the first.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use titan_core::Time;
use titan_disk::data_dir::write_secret;

use crate::wish::System;

/// How such a list begins.
const HEAD: [&str; 4] = ["former name", "name", "former titan number", "titan number"];

/// Names that accounts get in place of those they had.
#[derive(Default)]
pub struct Chosen(HashMap<String, String>);

/// Somebody who has another name or number now.
#[derive(Clone, Debug)]
pub struct Renamed {
    pub former: String,
    pub name: String,
    pub former_number: Option<i64>,
    pub number: i64,
}

impl Chosen {
    /// Reads lines of a former name and a new one; whatever else stands in them is left alone.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let reading = || format!("reading the names in {}", path.display());
        let mut lines =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(path).with_context(reading)?;
        let mut chosen = HashMap::new();
        for line in lines.records() {
            let line = line.with_context(reading)?;
            let (Some(former), Some(name)) = (line.get(0), line.get(1)) else {
                bail!("{}: a line needs a former name and a new one, with a comma between them", path.display());
            };
            if (former, name) != (HEAD[0], HEAD[1]) {
                let twice = chosen.insert(former.to_owned(), name.trim().to_owned()).is_some();
                ensure!(!twice, "{}: {former:?} stands there twice", path.display());
            }
        }
        Ok(Self(chosen))
    }

    pub fn name_of(&self, former: &str) -> Option<&str> {
        self.0.get(former).map(String::as_str)
    }

    /// Those of its names that nobody had.
    pub fn of_nobody(&self, had: impl Fn(&str) -> bool) -> Vec<&str> {
        let mut nobodys: Vec<&str> = self.0.keys().map(String::as_str).filter(|former| !had(former)).collect();
        nobodys.sort_unstable();
        nobodys
    }
}

/// Writes who is called what now; where to.
pub fn write(folder: &Path, system: System, at: Time, renamed: &[Renamed]) -> anyhow::Result<PathBuf> {
    let moment = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    let path = folder.join(format!("import-{}-{}-names.csv", system.name(), moment.strftime("%Y%m%dT%H%M%SZ")));
    let mut lines = csv::Writer::from_writer(Vec::new());
    lines.write_record(HEAD)?;
    for Renamed { former, name, former_number, number } in renamed {
        let former_number = former_number.map(|number| number.to_string()).unwrap_or_default();
        lines.write_record([former, name, &former_number, &number.to_string()])?;
    }
    let bytes = lines.into_inner().map_err(csv::IntoInnerError::into_error)?;
    write_secret(&path, &bytes).with_context(|| format!("writing {}", path.display()))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_that_an_import_leaves_can_be_given_to_the_next_one() {
        let folder = tempfile::tempdir().unwrap();
        let of = |former: &str, name: &str| Renamed {
            former: former.into(),
            name: name.into(),
            former_number: Some(7),
            number: 8,
        };
        let all = [of("two words", "two_words"), of("O'Brien, \"Pat\"", "pat"), of("\u{1f980}", "crab")];
        let path = write(folder.path(), System::Channels, Time(0), &all).unwrap();
        assert!(path.ends_with("import-channels-19700101T000000Z-names.csv"));
        let chosen = Chosen::read(&path).unwrap();
        for Renamed { former, name, .. } in &all {
            assert_eq!(chosen.name_of(former), Some(name.as_str()));
        }
        assert_eq!(chosen.of_nobody(|former| former.contains(' ')), ["\u{1f980}"]);
        for (text, why) in [("alone\n", "needs a former name"), ("a,b\na,c\n", "twice")] {
            std::fs::write(&path, text).unwrap();
            assert!(Chosen::read(&path).err().unwrap().to_string().contains(why));
        }
    }
}
