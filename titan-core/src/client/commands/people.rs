//! Friends, requests, and people one wants to hear nothing of.

use super::Done;
use crate::{
    AccountId,
    client::{Client, Error},
    protocol::{Command, Relation, Relations},
};

/// Friends and others.
impl Client {
    /// Friends, requests in both directions, and everybody I have blocked. The cache, if there is one, remembers them.
    ///
    /// ```no_run
    /// # async fn list(titan: titan_core::client::Client) -> Result<(), titan_core::client::Error> {
    /// use titan_core::protocol::RelationKind;
    ///
    /// for relation in titan.relations().await? {
    ///     if relation.relation == RelationKind::Requests {
    ///         titan.accept_friend(relation.person.account.id).await?;
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn relations(&self) -> Result<Vec<Relation>, Error> {
        let Relations { relations } = self.call(Command::Relations {}).await?;
        self.remember(|cache| cache.put_relations(&relations));
        Ok(relations)
    }

    /// Asks somebody to be friends; who has asked me before is a friend at once. Refused (`forbidden`) while either of us
    /// blocks the other.
    pub async fn request_friend(&self, account: AccountId) -> Result<Relation, Error> {
        self.relate(Command::RequestFriend { account }).await
    }

    /// Says yes to somebody who asked; `not_found` where nobody did.
    pub async fn accept_friend(&self, account: AccountId) -> Result<Relation, Error> {
        self.relate(Command::AcceptFriend { account }).await
    }

    /// Says no to somebody who asked. They aren't told.
    pub async fn decline_friend(&self, account: AccountId) -> Result<(), Error> {
        self.part(Command::DeclineFriend { account }, account).await
    }

    /// Ends a friendship, or takes back my own request.
    pub async fn remove_friend(&self, account: AccountId) -> Result<(), Error> {
        self.part(Command::RemoveFriend { account }, account).await
    }

    /// Shuts somebody out: neither of us can write to the other in private or ask to be friends, and a friendship ends.
    /// What they say in rooms still comes, for the client to fold.
    pub async fn block(&self, account: AccountId) -> Result<(), Error> {
        self.call(Command::Block { account }).await.map(|Done {}| ())
    }

    /// Takes a block back; a friendship that it ended does not return.
    pub async fn unblock(&self, account: AccountId) -> Result<(), Error> {
        self.part(Command::Unblock { account }, account).await
    }

    async fn relate(&self, command: Command) -> Result<Relation, Error> {
        let relation: Relation = self.call(command).await?;
        self.remember(|cache| cache.put_relation(&relation));
        Ok(relation)
    }

    async fn part(&self, command: Command, account: AccountId) -> Result<(), Error> {
        let Done {} = self.call(command).await?;
        self.remember(|cache| cache.end_relation(account));
        Ok(())
    }
}
