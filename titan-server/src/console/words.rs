//! Answers as operators read them: lines in columns, or JSON for scripts.

use titan_core::protocol::{App, Role};
use titan_core::{SafeText, Secret, Time};

use super::{AccountLine, Answer, AuditLine, BanLine, UsageLine};

/// The answer in words; `done` is what can now be said of the account or app.
pub fn plain(answer: &Answer, done: &str, made_up: Option<&str>) -> String {
    let mut text = match answer {
        Answer::Account(account) => format!("{} (#{}) {done}.\n", account.username, account.titan_number),
        Answer::App(app) => format!("{} {} (app {}) {done}.\n", app.name, app.version, app.id),
        Answer::Accounts(accounts) => listed("Nobody.", &ACCOUNT_HEADS, accounts.iter().map(account_row)),
        Answer::Usage(keepers) => {
            listed("Nobody keeps files or apps here.", &USAGE_HEADS, keepers.iter().map(usage_row))
        }
        Answer::Bans(bans) => listed("Nobody is banned, and no address.", &BAN_HEADS, bans.iter().map(ban_row)),
        Answer::Address(address) => format!("{address} {done}.\n"),
        Answer::ResetLink { token, link } => link_told(token, link.as_deref()),
        Answer::Audit(acts) => listed("Nothing was done yet.", &AUDIT_HEADS, acts.iter().map(audit_row)),
        Answer::AuditVerified { rows: 0, .. } => "The audit log is empty.\n".to_owned(),
        Answer::AuditVerified { rows, head } => {
            let head = head.as_deref().unwrap_or_default();
            let rows = if *rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
            format!("The audit log is whole: {rows}, the last one {head}\n")
        }
        Answer::Apps(apps) => listed("No app waits for a decision.", &APP_HEADS, apps.iter().map(app_row)),
        Answer::Purged {} => "What was deleted has left the disk.\n".to_owned(),
        Answer::AdminKey { file } => format!("The admin key is in {}.\n", file.display()),
    };
    if let Some(password) = made_up {
        text.push_str(&format!("The password is {password}\n"));
    }
    text
}

/// The answer as JSON: an object, or an array of objects for lists. Times are milliseconds since 1970 UTC.
pub fn as_json(answer: &Answer, made_up: Option<&str>) -> serde_json::Result<String> {
    let mut value = match answer {
        Answer::Account(account) => serde_json::to_value(account),
        Answer::App(app) => serde_json::to_value(app),
        Answer::Accounts(accounts) => serde_json::to_value(accounts),
        Answer::Usage(keepers) => serde_json::to_value(keepers),
        Answer::Bans(bans) => serde_json::to_value(bans),
        Answer::Address(address) => serde_json::to_value(serde_json::json!({ "address": address })),
        Answer::ResetLink { token, link } => {
            serde_json::to_value(serde_json::json!({ "token": token.reveal(), "link": link }))
        }
        Answer::Audit(acts) => serde_json::to_value(acts),
        Answer::AuditVerified { rows, head } => serde_json::to_value(serde_json::json!({ "rows": rows, "head": head })),
        Answer::Apps(apps) => serde_json::to_value(apps),
        Answer::Purged {} => serde_json::to_value(serde_json::json!({ "purged": true })),
        Answer::AdminKey { file } => serde_json::to_value(serde_json::json!({ "file": file })),
    }?;
    if let Some(password) = made_up {
        value["password"] = password.into();
    }
    Ok(format!("{value:#}\n"))
}

fn link_told(token: &Secret, link: Option<&str>) -> String {
    let known = |link: &str| format!("{link}\nIt works once, for 15 minutes.\n");
    let unknown = || {
        format!("The reset site is shut; once it is open, https://HOST:PORT/reset/{} leads to it.\n", token.reveal())
    };
    link.map_or_else(unknown, known)
}

const ACCOUNT_HEADS: [&str; 7] = ["ID", "NAME", "NUMBER", "ROLE", "SINCE", "LAST LOGIN", "BANNED"];

fn account_row(account: &AccountLine) -> [String; 7] {
    let banned = account.banned.as_ref().map(|reason| if reason.is_empty() { "yes".into() } else { line(reason) });
    [
        account.id.to_string(),
        line(&account.username),
        account.titan_number.to_string(),
        if account.role == Role::Admin { "admin" } else { "user" }.to_owned(),
        moment(account.created_at),
        account.last_login.map(moment).unwrap_or_default(),
        banned.unwrap_or_default(),
    ]
}

const USAGE_HEADS: [&str; 5] = ["ID", "NAME", "NUMBER", "FILES", "BYTES"];

fn usage_row(keeper: &UsageLine) -> [String; 5] {
    [
        keeper.id.to_string(),
        line(&keeper.username),
        keeper.titan_number.to_string(),
        keeper.number.to_string(),
        keeper.bytes.to_string(),
    ]
}

const BAN_HEADS: [&str; 4] = ["NAME", "NUMBER", "ADDRESS", "REASON"];

fn ban_row(ban: &BanLine) -> [String; 4] {
    let cell = |text: &Option<String>| text.as_deref().map(line).unwrap_or_default();
    let number = ban.titan_number.map(|number| number.to_string()).unwrap_or_default();
    [cell(&ban.username), number, cell(&ban.address), line(&ban.reason)]
}

const AUDIT_HEADS: [&str; 8] = ["ROW", "WHEN", "BY", "ACT", "TO", "DETAIL", "DOOR", "ADDRESS"];

fn audit_row(act: &AuditLine) -> [String; 8] {
    let by = act.by.as_ref().map_or_else(|| "operator".to_owned(), |by| by.username.to_string());
    let cell = |text: &Option<String>| text.as_deref().map(line).unwrap_or_default();
    [
        act.id.to_string(),
        moment(act.at),
        by,
        line(&act.act),
        line(&act.named()),
        line(&act.detail),
        cell(&act.door),
        cell(&act.address),
    ]
}

impl AuditLine {
    /// The object by names: `eve in #lab` for `account 7 in room 5`, as far as there are any.
    fn named(&self) -> String {
        let mut named = self.object.clone();
        if let Some(whom) = &self.whom {
            named = named.replacen(&format!("account {}", whom.id), whom.username.as_str(), 1);
        }
        match (&self.room, named.split_once("room ")) {
            (Some(room), Some((before, _))) => format!("{before}#{room}"),
            _ => named,
        }
    }
}

const APP_HEADS: [&str; 7] = ["ID", "NAME", "VERSION", "CATEGORY", "AUTHOR", "BYTES", "SHA-256"];

fn app_row(app: &App) -> [String; 7] {
    [
        app.id.to_string(),
        line(&app.name),
        line(&app.version),
        app.category.name().to_owned(),
        line(&app.author.username),
        app.size.to_string(),
        app.sha256.to_string(),
    ]
}

/// A table, or a sentence where nothing would stand under its heads.
fn listed<const N: usize>(none: &str, heads: &[&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut rows = rows.peekable();
    if rows.peek().is_none() { format!("{none}\n") } else { table(heads, rows) }
}

/// Columns as wide as their widest cell, two spaces apart.
fn table<const N: usize>(heads: &[&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let rows: Vec<_> = std::iter::once(heads.map(str::to_owned)).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| width_of(&row[column])).max().unwrap_or_default();
    let widths: [usize; N] = std::array::from_fn(width);
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width - width_of(cell) + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn width_of(cell: &str) -> usize {
    cell.chars().count()
}

/// Other people's text: safe to show, on one line.
fn line(text: &str) -> String {
    SafeText::line(text).to_string()
}

/// To the minute, in UTC.
fn moment(time: Time) -> String {
    match jiff::Timestamp::from_millisecond(time.0) {
        Ok(at) => at.strftime("%Y-%m-%d %H:%MZ").to_string(),
        Err(_) => time.0.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use titan_core::protocol::Author;
    use titan_core::{AccountId, TitanNumber};

    use super::*;

    #[test]
    fn columns_stand_under_their_heads() {
        let rows = [["1".to_owned(), "żółw".to_owned()], ["12".to_owned(), String::new()]];
        assert_eq!(table(&["ID", "NAME"], rows.into_iter()), "ID  NAME\n1   żółw\n12\n");
    }

    #[test]
    fn a_list_of_nothing_is_a_sentence() {
        assert_eq!(plain(&Answer::Usage(vec![]), "", None), "Nobody keeps files or apps here.\n");
        assert_eq!(plain(&Answer::Apps(vec![]), "", None), "No app waits for a decision.\n");
    }

    #[test]
    fn moments_are_to_the_minute() {
        assert_eq!(moment(Time(0)), "1970-01-01 00:00Z");
    }

    #[test]
    fn what_others_wrote_cannot_act_on_the_terminal() {
        let act = AuditLine {
            id: 1,
            at: Time(0),
            by: None,
            act: "ban_member".into(),
            object: "account 1 in room 5".into(),
            whom: Some(Author::new(AccountId(1), "eve".into(), TitanNumber(12_345))),
            room: Some("\u{1b}[2Jlab".into()),
            detail: "\u{1b}[2Jgone\nFORGED".into(),
            door: Some("native".into()),
            address: None,
        };
        let text = plain(&Answer::Audit(vec![act]), "", None);
        assert!(!text.contains('\u{1b}') && text.lines().count() == 2, "{text:?}");
        assert!(text.contains("eve in #") && text.contains("  native"), "{text:?}");
    }
}
