//! What can be told of people from what the screen knows: how they stand to us, who waits for an answer, what each section of
//! their view lists.

use titan_core::{
    AccountId, Time,
    protocol::{Account, Author, Member, Relation, RelationKind, Role, What},
};

use super::{
    directory::{Deed, Item, Section},
    state::{State, title},
};

impl State {
    /// The sections that we may see.
    pub fn sections(&self) -> &'static [Section] {
        Section::of(self.is_admin())
    }

    pub fn is_online_now(&self, account: AccountId) -> bool {
        self.people.online.contains_key(&account)
    }

    /// How somebody stands to us.
    pub fn relation(&self, account: AccountId) -> Option<RelationKind> {
        self.people.relations.get(&account).map(|relation| relation.relation)
    }

    pub fn is_blocked(&self, account: AccountId) -> bool {
        self.relation(account) == Some(RelationKind::Blocked)
    }

    /// How many wait for our answer.
    pub fn requests(&self) -> usize {
        self.people.relations.values().filter(|it| it.relation == RelationKind::Requests).count()
    }

    /// Until when we may not write in the open conversation.
    pub fn muted_until(&self) -> Option<Time> {
        self.open()?.muted_until.filter(|until| *until > self.now)
    }

    /// Somebody as a member of the open room, and the room's title.
    pub fn member_here(&self, account: AccountId) -> Option<(&Member, String)> {
        let open = self.open().filter(|conversation| matches!(conversation.what, What::Room(_)))?;
        let member = self.people.members.get(&open.id)?.iter().find(|it| it.person.account.id == account)?;
        Some((member, title(open)))
    }

    /// Who wrote something, with all that is known of them; the log only has their name.
    pub fn account_of(&self, author: &Author) -> Account {
        let known = self.known_people().into_iter().find(|account| account.id == author.id).cloned();
        let named = || Account::new(author.id, author.username.clone(), author.titan_number, self.now);
        known.unwrap_or_else(named)
    }

    /// What a section lists, in order.
    pub fn items(&self, section: Section) -> Vec<Item> {
        let directory = &self.directory;
        match section {
            Section::Friends => self.related(&[RelationKind::Friend]),
            Section::Requests => self.related(&[RelationKind::Requests, RelationKind::Requested]),
            Section::Blocked => self.related(&[RelationKind::Blocked]),
            Section::Online => self.people.online.values().cloned().map(Item::Person).collect(),
            Section::Me => self.deeds().into_iter().map(Item::Deed).collect(),
            Section::Sessions => directory.sessions.iter().cloned().map(Item::Session).collect(),
            Section::Accounts => directory.accounts.iter().cloned().map(Item::Account).collect(),
            Section::Addresses => directory.addresses.iter().cloned().map(Item::Address).collect(),
            Section::Audit => directory.acts.iter().cloned().map(Item::Act).collect(),
        }
    }

    /// The item the keys are on.
    pub fn chosen_item(&self) -> Option<Item> {
        self.items(self.directory.section).into_iter().nth(self.directory.at)
    }

    /// Those who stand to us in one of these ways: requests before what we asked, then who is online, then by name.
    fn related(&self, kinds: &[RelationKind]) -> Vec<Item> {
        let mut found: Vec<Relation> =
            self.people.relations.values().filter(|it| kinds.contains(&it.relation)).cloned().collect();
        for relation in &mut found {
            relation.person.online = self.is_online_now(relation.person.account.id);
        }
        found.sort_by_cached_key(|it| (it.relation, !it.person.online, it.person.account.username.to_lowercase()));
        found.into_iter().map(Item::Relation).collect()
    }

    fn deeds(&self) -> Vec<Deed> {
        let mut deeds = vec![Deed::Profile, Deed::Password, Deed::Factor, Deed::AppPasswords, Deed::Export];
        if self.me.as_ref().is_some_and(|me| me.role == Role::Admin) {
            deeds.push(Deed::AdminKey);
        }
        deeds.extend([Deed::Logout, Deed::Delete]);
        deeds
    }
}
