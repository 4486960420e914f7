//! Rooms and directs: making, finding, entering, leaving, ending them.

use titan_core::protocol::{Conversation, Fault, FaultCode, Member, MemberRole, Room, RoomKind, SanctionKind};
use titan_core::text::{self, DESCRIPTION_MOST};
use titan_core::{AccountId, ConversationId, Secret};

use super::decision::{Attempt, Refusal};
use super::listing::{Listed, listed};
use super::policy::{Act, closed};
use super::shares::{ROOMS_OF_ONE, Share};
use super::{GENERAL, Outcome, Session, from_store, journal, view};
use crate::store::{
    AccountKey, Departure, Fact, NewRoom, Page, RoomRecord, RoomUpdate, Standing, StoreError, Verifier, Warrant,
};

/// A room that somebody wishes for.
#[derive(Clone, Debug, Default)]
pub struct RoomWish {
    pub name: String,
    pub description: String,
    pub kind: RoomKind,
    /// Empty is none.
    pub password: Option<Secret>,
}

/// What to change about a room; an empty password unlocks.
#[derive(Clone, Debug, Default)]
pub struct RoomEdit {
    pub name: Option<String>,
    pub description: Option<String>,
    pub password: Option<Secret>,
}

impl Session {
    /// The rooms of the house, by id.
    pub async fn rooms(&self, page: Page<ConversationId>) -> Outcome<Listed<Room>> {
        self.hub.limits.asking(self.account())?;
        let Listed { list, more } = listed(page, |page| self.hub.store.rooms(self.account(), page)).await?;
        Ok(Listed { list: self.rooms_shown(list).await?, more })
    }

    pub async fn number_of_rooms(&self) -> Outcome<u64> {
        self.hub.store.number_of_rooms().await.map_err(from_store)
    }

    /// A room by its id, whether or not one is in it.
    pub async fn find_room(&self, room: ConversationId) -> Outcome<Room> {
        self.hub.limits.asking(self.account())?;
        self.room(room).await.map(view::room)
    }

    /// A room by its name, as people say it.
    pub async fn room_named(&self, name: &str) -> Outcome<Room> {
        let found = self.hub.store.room_named(name.trim().to_owned(), self.account()).await.map_err(from_store)?;
        found.map(view::room).ok_or_else(no_room)
    }

    /// One's conversations, the most recently active first.
    pub async fn conversations(&self, page: Page<ConversationId>) -> Outcome<Listed<Conversation>> {
        self.hub.limits.asking(self.account())?;
        let Listed { list, more } = listed(page, |page| self.hub.store.memberships(self.account(), page)).await?;
        Ok(Listed { list: self.conversations_shown(list).await?, more })
    }

    /// A conversation of one's own by its id.
    pub async fn find_conversation(&self, id: ConversationId) -> Outcome<Conversation> {
        self.hub.limits.asking(self.account())?;
        self.conversation(id).await
    }

    /// Makes a room; whoever makes it owns it and is in it.
    pub async fn create_room(&self, wish: RoomWish) -> Outcome<Conversation> {
        self.hub.limits.asking(self.account())?;
        self.hub.limits.share(self.account(), Share::Room)?;
        let name = text::room_name(&wish.name)?;
        let new = NewRoom {
            key: text::look_alike(&name),
            name,
            description: text::description("a description", wish.description.trim(), DESCRIPTION_MOST)?,
            kind: wish.kind,
            password_hash: self.room_password(wish.password.as_ref().map_or("", Secret::reveal)).await?,
            owner: self.account(),
            now: self.hub.now(),
            most: self.hub.limits.most(ROOMS_OF_ONE),
        };
        let made = self.decided(|| async {
            let warrant = Warrant::from(vec![self.stands()]).with_deed(self.deed("create_room").of(&new.name));
            self.hub.store.create_room(new.clone(), warrant).await.map_err(name_taken)
        });
        let room = made.await?.id;
        self.conversation(room).await
    }

    pub async fn update_room(&self, room: ConversationId, edit: RoomEdit) -> Outcome<Conversation> {
        self.hub.limits.asking(self.account())?;
        self.room(room).await?;
        not_general(room, "changed")?;
        self.permit_in(room, Act::ChangeRoom).await?;
        self.hub.limits.share(self.account(), Share::RoomChange)?;
        let name = edit.name.map(|name| text::room_name(&name)).transpose()?;
        let description = |given: String| text::description("a description", given.trim(), DESCRIPTION_MOST);
        let update = RoomUpdate {
            name: name.map(|name| (name.clone(), text::look_alike(&name))),
            description: edit.description.map(description).transpose()?,
            password_hash: match edit.password {
                Some(password) => Some(self.room_password(password.reveal()).await?),
                None => None,
            },
        };
        self.decided(|| async {
            let grounds = self.permit_in(room, Act::ChangeRoom).await?;
            let name = self.room(room).await?.name;
            let warrant = Warrant::from(grounds).with_deed(self.deed("change_room").of(name));
            let changed =
                self.hub.store.change_room(room, self.account(), update.clone(), self.hub.now(), warrant).await;
            changed.map(drop).map_err(name_taken)
        })
        .await?;
        match self.role_in(room).await? {
            Some(_) => self.conversation(room).await,
            None => self.conversation_from_outside(room).await,
        }
    }

    /// Ends a room and its history.
    pub async fn delete_room(&self, room: ConversationId) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        self.decided(|| async {
            let record = self.room(room).await?;
            not_general(room, "deleted")?;
            let owner = record.owner.map(|owner| owner.id);
            let mut grounds = self.permit_in(room, Act::DeleteRoom { owner }).await?;
            grounds.push(Fact::RoomOwner { room, owner });
            let deed = self.deed("delete_room").of(&record.name);
            let audit = self.hub.audit(Some(self.account()), "delete_room", format!("room {room}"), record.name);
            let warrant = Warrant::from(grounds).with_audit(audit).with_deed(deed);
            let by = Some(self.author.username.clone());
            Ok(self.hub.store.delete_room(room, by, self.hub.now(), warrant).await?)
        })
        .await
    }

    pub async fn join_room(&self, room: ConversationId, password: Option<&str>) -> Outcome<Conversation> {
        self.hub.limits.asking(self.account())?;
        self.hub.limits.share(self.account(), Share::Coming)?;
        let password = password.unwrap_or_default();
        let kept = self.decided(|| self.try_to_join(room, password)).await?;
        self.rekeep(room, kept, password).await;
        self.conversation(room).await
    }

    /// Gives what the room keeps of the password that was right.
    async fn try_to_join(&self, room: ConversationId, password: &str) -> Attempt<Option<String>> {
        let record = self.room(room).await?;
        let already = || Fault::new(FaultCode::AlreadyMember, "Already a member");
        if self.role_in(room).await?.is_some() {
            return Err(already().into());
        }
        let (me, now) = (self.account(), self.hub.now());
        let banned = self.hub.store.sanction(room, me, SanctionKind::Ban, now).await?.is_some();
        let mut grounds = self.permit_in(room, Act::Join { banned }).await?;
        self.check_room_password(&record, password).await?;
        grounds.push(Fact::RoomBan { account: me, room, banned });
        grounds.push(Fact::RoomPassword { room, hash: record.password_hash.clone() });
        match self.hub.store.join(room, me, now, grounds.into()).await {
            Err(StoreError::Taken(_)) => Err(already().into()),
            Err(StoreError::NotFound) => Err(no_room().into()),
            joined => joined.map(|_| record.password_hash).map_err(Refusal::from),
        }
    }

    /// Leaves a room; one's own goes to whoever has kept order in it, or been in it, for longest.
    pub async fn leave_room(&self, room: ConversationId) -> Outcome<()> {
        self.leave_room_to(room, None).await
    }

    /// The same, and says who gets a room of one's own.
    pub async fn leave_room_to(&self, room: ConversationId, heir: Option<AccountId>) -> Outcome<()> {
        self.hub.limits.asking(self.account())?;
        self.hub.limits.share(self.account(), Share::Coming)?;
        self.decided(|| async {
            let mut grounds = self.permit_in(room, Act::Read).await?;
            self.room(room).await.map_err(|_| Fault::bad_request("A direct conversation can't be left."))?;
            not_general(room, "left")?;
            if let Some(heir) = heir {
                grounds.extend(self.permit_heir(room, heir).await?);
            }
            let (departure, warrant) = (Departure { heir, ..Departure::default() }, grounds.into());
            self.hub.store.leave(room, self.account(), departure, self.hub.now(), warrant).await?;
            Ok(())
        })
        .await
    }

    /// Lets somebody else get a room: on which grounds.
    async fn permit_heir(&self, room: ConversationId, heir: AccountId) -> Outcome<Vec<Fact>> {
        if heir == self.account() {
            return Err(Fault::bad_request("Somebody else gets the room that you leave.").at("heir"));
        }
        let place = self.hub.store.membership(heir, room).await.map_err(from_store)?;
        let place = place.ok_or_else(|| Fault::not_found("They are no member of that room.").at("heir"))?;
        let mut grounds = self.permit_in(room, Act::GiveRole { from: place.role, to: MemberRole::Owner }).await?;
        let standing = Standing { role: place.role, muted_until: place.muted_until, shut: false };
        grounds.push(Fact::Member { account: heir, conversation: room, standing: Some(standing) });
        Ok(grounds)
    }

    /// Who is in a conversation, by name.
    pub async fn members(&self, conversation: ConversationId, page: Page<AccountId>) -> Outcome<Listed<Member>> {
        self.hub.limits.asking(self.account())?;
        self.permit_to_read(conversation).await?;
        let Listed { list, more } = listed(page, |page| self.hub.store.members(conversation, page)).await?;
        Ok(Listed { list: self.members_shown(conversation, &list).await?, more })
    }

    /// The direct conversation with somebody, made where there is none. Who is gone is answered for as who blocks.
    pub async fn open_direct(&self, other: AccountId) -> Outcome<Conversation> {
        self.hub.limits.asking(self.account())?;
        self.hub.store.account(AccountKey::Id(other)).await.map_err(from_store)?.ok_or_else(closed)?;
        let me = self.account();
        if self.standing.direct_with(me, other, &*self.hub.store).await?.is_none() {
            self.hub.limits.share(me, Share::Direct)?;
        }
        let direct = self
            .decided(|| async {
                let warrant = match self.standing.direct_with(me, other, &*self.hub.store).await? {
                    Some(_) => vec![self.stands()].into(),
                    None => self.permit_private(other).await?.into(),
                };
                Ok(self.hub.store.open_direct(me, other, self.hub.now(), warrant).await?.0)
            })
            .await?;
        self.conversation(direct).await
    }

    /// The direct conversation with somebody, if there is one.
    pub async fn direct_with(&self, other: AccountId) -> Outcome<Option<Conversation>> {
        match self.standing.direct_with(self.account(), other, &*self.hub.store).await? {
            Some(direct) => self.conversation(direct).await.map(Some),
            None => Ok(None),
        }
    }

    /// The other one of a direct of this account; none where the conversation is a room. Costs no query.
    pub async fn other_in(&self, conversation: ConversationId) -> Outcome<Option<AccountId>> {
        let found = self.standing.in_conversation(self.account(), conversation, &*self.hub.store).await?;
        Ok(found.and_then(|membership| membership.other))
    }

    /// Members read what is theirs; admins also read rooms they are no member of, and where such a room is locked the log tells.
    pub(super) async fn permit_to_read(&self, conversation: ConversationId) -> Outcome<()> {
        let Err(refusal) = self.settle_in(conversation, Act::Read).await? else { return Ok(()) };
        let room = self.hub.store.room(conversation, self.account()).await.map_err(from_store)?;
        match room {
            Some(room) if self.settle(Act::Administer).await?.is_ok() => {
                if room.password_hash.is_some() {
                    self.hub.tallies.read_as_admin.note_of(&self.visitor, &self.author.username, &room.name);
                }
                Ok(())
            }
            _ => {
                self.forbidden(Act::Read);
                Err(refusal)
            }
        }
    }

    pub(super) async fn room(&self, room: ConversationId) -> Outcome<RoomRecord> {
        self.hub.store.room(room, self.account()).await.map_err(from_store)?.ok_or_else(no_room)
    }

    async fn room_password(&self, password: &str) -> Outcome<Option<String>> {
        if password.is_empty() {
            return Ok(None);
        }
        self.hub.passwords.hash(password, self.applicant()).await.map(|verifier| Some(verifier.to_text()))
    }

    /// Keeps a room's password in today's way, now that it is known. That it can't be is no reason to keep anybody out.
    async fn rekeep(&self, room: ConversationId, kept: Option<String>, password: &str) {
        let before = kept.filter(|kept| {
            Verifier::from_text(kept).is_some_and(|verifier| !self.hub.passwords.is_of_today(&verifier))
        });
        if let Some(before) = before
            && let Ok(Some(now)) = self.room_password(password).await
            && let Err(error) = self.hub.store.rekeep_room(room, before, now).await
        {
            tracing::debug!(%error, %room, "a room's password was not kept anew");
        }
    }

    async fn check_room_password(&self, room: &RoomRecord, password: &str) -> Outcome<()> {
        let Some(kept) = &room.password_hash else { return Ok(()) };
        self.hub.limits.room_password(self.account())?;
        self.hub.limits.login(self.visitor.address, &self.author.username)?;
        if let Some(verifier) = Verifier::from_text(kept)
            && self.hub.passwords.check(password, &verifier, self.applicant()).await?
        {
            return Ok(());
        }
        journal::refused("room_password_refused", &self.visitor, &self.author.username);
        Err(Fault::new(FaultCode::WrongRoomPassword, "Invalid password"))
    }
}

fn name_taken(error: StoreError) -> Refusal {
    match error {
        StoreError::Taken(_) => Fault::new(FaultCode::NameTaken, "Room name already exists").into(),
        StoreError::Full(_) => {
            let said = format!("You own {ROOMS_OF_ONE} rooms, as many as one may: end one of them first.");
            Fault::new(FaultCode::TooLarge, said).into()
        }
        error => error.into(),
    }
}

fn no_room() -> Fault {
    Fault::not_found("Room not found")
}

pub(super) fn not_general(room: ConversationId, what: &str) -> Outcome<()> {
    if room == GENERAL {
        Err(Fault::forbidden(format!("The room \"general\" is everybody's: it can't be {what}.")))
    } else {
        Ok(())
    }
}
