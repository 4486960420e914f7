//! Who is kept out, who is not to be heard, and who sees to it: what later versions of the original keep.

use std::collections::{BTreeMap, HashMap};

use titan_core::protocol::{MemberRole, SanctionKind};
use titan_core::{AccountId, ConversationId, SafeText, Time};

use super::super::done::counted;
use super::super::names::shown;
use super::super::talk::Filling;
use super::ban::Ban;
use super::tables::room;
use super::{Moving, known};
use crate::foreign::Row;
use titan_store::NewSanction;
use titan_store::network::Network;

/// How long the reason of a ban may be.
const REASON_MOST: usize = 500;

impl Moving<'_> {
    /// Bans from all of it. One that has ended keeps nobody out.
    pub(super) fn bans(&mut self) -> anyhow::Result<()> {
        let Some(bans) = &self.tables.bans else { return Ok(()) };
        let (mut rows, mut ended) = (Vec::new(), 0);
        self.foreign.each(bans, |row| {
            rows.push(row.clone());
            Ok::<_, anyhow::Error>(())
        })?;
        let known = self.ids()?;
        for row in rows {
            let who = row.key(1).unwrap_or_default();
            if !known.contains_key(&who) {
                self.import.done.leave_out(format!("the ban of user {who}: no such user"));
                continue;
            }
            self.import.done.orders += 1;
            let ban = self.ban(&row);
            match ban.until {
                Some(until) if until <= self.import.now => ended += 1,
                until => {
                    self.note_end(&who, known.get(&who), until);
                    self.ban_address(row.word(4), &ban.reason)?;
                    self.bans.insert(who, ban);
                }
            }
        }
        self.note_ended(ended, "from the whole house");
        Ok(())
    }

    /// The names that people had, by their ids.
    fn ids(&self) -> anyhow::Result<HashMap<String, String>> {
        let mut ids = HashMap::new();
        self.foreign.each(&self.tables.users, |row| {
            ids.extend(row.key(0).map(|key| (key, row.text(1).unwrap_or_default().to_owned())));
            Ok::<_, anyhow::Error>(())
        })?;
        Ok(ids)
    }

    fn ban(&self, row: &Row) -> Ban {
        let reason: String =
            SafeText::line(row.word(2).unwrap_or_default()).written().chars().take(REASON_MOST).collect();
        let reason = if reason.is_empty() { "banned at Titan-Net".to_owned() } else { reason };
        Ban { reason, until: self.import.clock.read(row.text(3)) }
    }

    /// A ban of an account has no end here.
    fn note_end(&mut self, who: &str, name: Option<&String>, until: Option<Time>) {
        let Some(until) = until.filter(|until| *until < Time::FOREVER) else { return };
        let at = jiff::Timestamp::from_millisecond(until.0).map(|at| at.to_string()).unwrap_or_default();
        let name = shown(name.map_or(who, String::as_str));
        let line = format!(
            "the ban of {name} was to end at {at}, and stands here until it is lifted (`titan-server admin unban`)"
        );
        self.import.done.notes.push(line);
    }

    fn note_ended(&mut self, ended: u64, from: &str) {
        if ended > 0 {
            let bans = counted(ended, "ban", "bans");
            self.import.done.notes.push(format!("{bans} {from} had ended before"));
        }
    }

    /// Addresses and devices from which nobody was let in.
    pub(super) fn addresses(&mut self) -> anyhow::Result<()> {
        let Some(addresses) = &self.tables.addresses else { return Ok(()) };
        let mut rows = Vec::new();
        self.foreign.each(addresses, |row| {
            rows.push(row.clone());
            Ok::<_, anyhow::Error>(())
        })?;
        for row in rows {
            match self.ban_address(row.word(1), row.word(2).unwrap_or("banned at Titan-Net"))? {
                true => self.import.done.orders += 1,
                false => {
                    let id = row.word(0).unwrap_or("?");
                    self.import.done.leave_out(format!(
                        "the ban {id} of a device: it names no address but perhaps this machine's, and devices aren't known here"
                    ));
                }
            }
        }
        Ok(())
    }

    /// Whether it is an address to keep out. One of this machine is that of a proxy before the old server: of everybody.
    fn ban_address(&mut self, address: Option<&str>, reason: &str) -> anyhow::Result<bool> {
        let network = address.and_then(|address| address.parse::<Network>().ok());
        let its_own = |network: &Network| network.address().is_loopback() || network.address().is_unspecified();
        let Some(network) = network.filter(|network| !its_own(network)) else { return Ok(false) };
        self.import.importer.address_ban(&network.as_banned().to_string(), reason)?;
        Ok(true)
    }

    pub(super) fn moderators(&mut self) -> anyhow::Result<()> {
        let Some(moderators) = &self.tables.moderators else { return Ok(()) };
        let names = self.ids()?;
        let Self { foreign, import, moderators: known, .. } = self;
        foreign.each(moderators, |row| {
            let who = row.key(0).unwrap_or_default();
            let Some(name) = names.get(&who) else {
                import.done.leave_out(format!("the moderator {who}: no such user"));
                return Ok::<_, anyhow::Error>(());
            };
            import.done.orders += 1;
            if let Some(title) = row.word(1).filter(|title| *title != "Moderator") {
                let line = format!("the title {} of {} has no place here", shown(title), shown(name));
                import.done.notes.push(line);
            }
            known.insert(who);
            Ok(())
        })
    }

    /// Who moderated everything moderates every room that anybody may come into.
    pub(super) fn let_moderators_in(
        &mut self,
        rooms: &mut BTreeMap<String, Filling>,
        rows: &[Row],
    ) -> anyhow::Result<()> {
        let open = |key: &String| {
            rows.iter().any(|row| row.word(room::ID) == Some(key) && row.word(room::PASSWORD_HASH).is_none())
        };
        let mut moderators: Vec<_> =
            self.moderators.iter().filter_map(|key| known(&self.import, Some(key.clone()))).collect();
        moderators.sort_by_key(|moderator| moderator.id);
        for who in moderators {
            for filling in rooms.iter_mut().filter(|(key, _)| open(key)).map(|(_, filling)| filling) {
                self.import.takes_part(filling, who.id, MemberRole::Moderator, self.import.now)?;
            }
            let name = shown(self.import.people.called(&who));
            let line = format!(
                "{name} moderated all of Titan-Net, and moderates its open rooms here; whether they are to be an admin of the \
                 house, who decides on bans and apps, is yours to say"
            );
            self.import.done.notes.push(line);
        }
        Ok(())
    }

    /// Bans from single rooms, which are there by now.
    pub(super) fn room_bans(&mut self, rooms: &HashMap<String, ConversationId>) -> anyhow::Result<()> {
        let Some(bans) = &self.tables.room_bans else { return Ok(()) };
        let (mut rows, mut ended) = (Vec::new(), 0);
        self.foreign.each(bans, |row| {
            rows.push(row.clone());
            Ok::<_, anyhow::Error>(())
        })?;
        for row in rows {
            let (place, who) = (row.key(4).and_then(|key| rooms.get(&key)), known(&self.import, row.key(1)));
            let (Some(&room), Some(who)) = (place, who) else {
                let (who, room) = (row.word(1).unwrap_or("nobody"), row.word(4).unwrap_or("none"));
                self.import.done.leave_out(format!("the ban of user {who} from room {room}: no such user or room"));
                continue;
            };
            self.import.done.orders += 1;
            let Ban { reason, until } = self.ban(&row);
            let until = until.unwrap_or(Time::FOREVER);
            if until <= self.import.now {
                ended += 1;
                continue;
            }
            let by = known(&self.import, row.key(5)).map_or(AccountId(0), |by| by.id);
            let now = self.import.clock.read(row.text(6)).unwrap_or(self.import.now);
            let (account, kind) = (who.id, SanctionKind::Ban);
            self.import.importer.sanction(&NewSanction { room, account, kind, until, reason, by, now })?;
        }
        self.note_ended(ended, "from single rooms");
        Ok(())
    }

    pub(super) fn blocks(&mut self) -> anyhow::Result<()> {
        let Some(blocks) = &self.tables.blocks else { return Ok(()) };
        let Self { foreign, import, .. } = self;
        foreign.each(blocks, |row| {
            let both = known(import, row.key(0)).zip(known(import, row.key(1)));
            let Some((who, whom)) = both.filter(|(who, whom)| who.id != whom.id) else {
                let (who, whom) = (row.word(0).unwrap_or("nobody"), row.word(1).unwrap_or("nobody"));
                import.done.leave_out(format!("that user {who} blocks user {whom}: no such user"));
                return Ok(());
            };
            let since = import.clock.read(row.text(2)).unwrap_or(import.now);
            import.importer.blocked(who.id, whom.id, since)?;
            import.done.orders += 1;
            Ok::<_, anyhow::Error>(())
        })
    }
}
