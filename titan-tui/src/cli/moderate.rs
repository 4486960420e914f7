//! Keeping order in a room: role, kick, mute, unmute, ban, unban, list.

use clap::Subcommand;
use titan_core::{
    ConversationId,
    client::Client,
    protocol::{Done, MemberRole, Sanction, SanctionKind, ask},
};

use super::{
    failure::Failure,
    globals::Globals,
    output::{Output, moment},
    people::who,
    session::{self, acknowledged},
    target::Target,
};
use crate::{app::order::Order, spans::Span, words::did};

/// What its owner, moderators and admins may do in a room.
#[derive(Subcommand, Clone, Debug)]
pub enum Moderate {
    /// Show who is muted in a room, and banned from it.
    List { room: Target },
    /// Say what a member is in a room: member, moderator or owner.
    Role {
        room: Target,
        user: String,
        #[arg(value_parser = member_role)]
        role: MemberRole,
    },
    /// Remove a member, who may come back.
    Kick {
        room: Target,
        user: String,
        /// Told to them.
        #[arg(long, value_name = "TEXT", default_value = "")]
        reason: String,
    },
    /// Let a member read but not write.
    Mute {
        room: Target,
        user: String,
        /// How long: 90s, 10m, 1h, 2d, 1w or forever.
        #[arg(long = "for", value_name = "TIME", value_parser = span, default_value = "forever")]
        time: Span,
        #[arg(long, value_name = "TEXT", default_value = "")]
        reason: String,
    },
    /// Let a member write again.
    Unmute { room: Target, user: String },
    /// Keep somebody out of a room.
    Ban {
        room: Target,
        user: String,
        /// Told to them.
        #[arg(long, value_name = "TEXT", default_value = "")]
        reason: String,
    },
    /// Let somebody join a room again.
    Unban { room: Target, user: String },
}

fn member_role(text: &str) -> Result<MemberRole, String> {
    match text {
        "member" => Ok(MemberRole::Member),
        "moderator" => Ok(MemberRole::Moderator),
        "owner" => Ok(MemberRole::Owner),
        _ => Err("one of member, moderator, owner".to_owned()),
    }
}

fn span(text: &str) -> Result<Span, String> {
    Span::parse(text).ok_or_else(|| "a time such as 90s, 10m, 1h, 2d, 1w, or forever".to_owned())
}

/// One arm, one call.
pub async fn perform(globals: &Globals, output: &Output, what: Moderate) -> Result<(), Failure> {
    let client = &session::client(globals, output).await?;
    match what {
        Moderate::List { room } => list(output, client, &room).await,
        Moderate::Role { room, user, role } => order(output, client, &room, &user, Order::Role(role), "").await,
        Moderate::Kick { room, user, reason } => order(output, client, &room, &user, Order::Kick, &reason).await,
        Moderate::Mute { room, user, time, reason } => {
            order(output, client, &room, &user, Order::Mute(time.seconds()), &reason).await
        }
        Moderate::Unmute { room, user } => order(output, client, &room, &user, Order::Unmute, "").await,
        Moderate::Ban { room, user, reason } => order(output, client, &room, &user, Order::Ban, &reason).await,
        Moderate::Unban { room, user } => order(output, client, &room, &user, Order::Unban, "").await,
    }
}

async fn list(output: &Output, client: &Client, room: &Target) -> Result<(), Failure> {
    let room = room.find_room(client).await?;
    let sanctions = client.ask(ask::Sanctions { conversation: room }).await?.sanctions;
    output.table(&["number", "name", "", "until", "by", "reason"], &sanctions, |sanction: &Sanction| {
        let what = match sanction.kind {
            SanctionKind::Mute => "muted",
            SanctionKind::Ban => "banned",
            _ => "kept back",
        };
        vec![
            sanction.account.titan_number.to_string(),
            sanction.account.username.to_string(),
            what.to_owned(),
            sanction.until.map_or_else(|| "-".to_owned(), moment),
            sanction.by.as_ref().map_or_else(|| "-".to_owned(), |by| by.username.to_string()),
            sanction.reason.to_string(),
        ]
    })
}

async fn order(
    output: &Output,
    client: &Client,
    room: &Target,
    user: &str,
    order: Order,
    reason: &str,
) -> Result<(), Failure> {
    let id = room.find_room(client).await?;
    let account = who(client, user).await?;
    acknowledged(give(client, id, account.id, &order, reason.to_owned())).await?;
    output.remark(did(&order, &account.username, &name_of(client, id).await));
    Ok(())
}

async fn give(
    client: &Client,
    conversation: ConversationId,
    account: titan_core::AccountId,
    order: &Order,
    reason: String,
) -> Result<Done, titan_core::client::Error> {
    match order {
        Order::Role(role) => client.ask(ask::SetMemberRole { conversation, account, role: *role }).await,
        Order::Kick => client.ask(ask::Kick { conversation, account, reason }).await,
        Order::Mute(seconds) => client.ask(ask::Mute { conversation, account, seconds: *seconds, reason }).await,
        Order::Unmute => client.ask(ask::Unmute { conversation, account }).await,
        Order::Ban => client.ask(ask::BanMember { conversation, account, reason }).await,
        Order::Unban => client.ask(ask::UnbanMember { conversation, account }).await,
    }
}

/// Only for what is said afterwards.
async fn name_of(client: &Client, id: ConversationId) -> String {
    let rooms = client.rooms().await.unwrap_or_default();
    rooms.iter().find(|room| room.id == id).map_or_else(|| format!("room {id}"), |room| format!("#{}", room.name))
}
