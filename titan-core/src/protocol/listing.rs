//! Commands that are answered with pages of a list.

use super::ask::{self, Ask};
use super::{
    AccountStanding, AddressBan, App, Conversation, Conversations, Member, Person, Relation, Room,
    reply::{Accounts, AddressBans, Apps, Members, People, Relations, Rooms},
};

/// A command that is answered with a page of a list, and can be asked again for what comes behind.
///
/// ```
/// use titan_core::protocol::{Listing, Rooms, ask};
///
/// let room = r#"{"id":5,"name":"Reading","kind":"text","locked":false,"members":12,"created_at":0,"joined":true}"#;
/// let reply = format!(r#"{{"rooms":[{room}],"more":true}}"#);
/// let (rooms, more) = ask::Rooms::page(serde_json::from_str::<Rooms>(&reply).unwrap());
/// assert!(more);
/// let next = ask::Rooms::default().behind(rooms.last().unwrap());
/// assert_eq!(serde_json::to_string(&next).unwrap(), r#"{"after":5}"#);
/// ```
pub trait Listing: Ask {
    /// What is listed.
    type Item;

    /// The items of an answer, and whether there are more behind them.
    fn page(reply: Self::Reply) -> (Vec<Self::Item>, bool);

    /// The same question, for what comes behind this one.
    fn behind(&self, last: &Self::Item) -> Self;
}

macro_rules! listings {
    ($($ask:ident -> $reply:ident { $field:ident: $item:ty } after $last:ident => $after:expr;)*) => {$(
        impl Listing for ask::$ask {
            type Item = $item;

            fn page(reply: $reply) -> (Vec<$item>, bool) {
                (reply.$field, reply.more)
            }

            fn behind(&self, $last: &$item) -> Self {
                Self { after: Some($after), ..self.clone() }
            }
        }
    )*};
}

listings! {
    Who -> People { people: Person } after last => last.account.id;
    Relations -> Relations { relations: Relation } after last => last.person.account.id;
    Rooms -> Rooms { rooms: Room } after last => last.id;
    Conversations -> Conversations { conversations: Conversation } after last => last.id;
    Members -> Members { members: Member } after last => last.person.account.id;
    Apps -> Apps { apps: App } after last => last.id;
    Accounts -> Accounts { accounts: AccountStanding } after last => last.account.id;
    BannedAddresses -> AddressBans { addresses: AddressBan } after last => last.address.written().to_owned();
}
