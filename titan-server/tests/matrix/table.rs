//! The table: who may do what to what, written out from what the house promises, not from its code.
//!
//! `+` may, `-` may not, `.` is no case: nobody can be that there, or it means nothing. A stranger has not logged in. The
//! one who is barred was a member and is banned from the room; who is muted is, in a direct, blocked by the other. The
//! admin is no member, but of general, where everybody is. The banned has an account that is banned from the house.

use crate::matrix::door::Door;

pub const TABLE: &str = "
an open room                  stranger  outsider  barred  member  muted  moderator  owner  admin  banned
  read history                   -         -        -       +       +        +        +      +      -
  hear                           -         -        -       +       +        +        +      -      -
  write                          -         -        -       +       -        +        +      -      -
  react                          -         -        -       +       -        +        +      -      -
  signal                         -         -        -       +       -        +        +      -      -
  mark as read                   -         -        -       +       +        +        +      -      -
  search                         -         -        -       +       +        +        +      -      -
  edit one's own message         -         -        -       +       -        +        +      -      -
  edit another's message         -         -        -       -       -        -        -      -      -
  delete one's own message       -         -        -       +       +        +        +      +      -
  delete another's message       -         -        -       -       -        +        +      +      -
  upload a file                  -         -        -       +       -        +        +      -      -
  download a file                -         -        -       +       +        +        +      -      -
  list members                   -         -        -       +       +        +        +      +      -
  view it as admins do           -         -        -       -       -        -        -      +      -
  join                           -         +        -       .       .        .        .      +      -
  leave                          -         -        -       +       +        +        +      -      -
  change it                      -         -        -       -       -        +        +      +      -
  delete it                      -         -        -       -       -        -        +      +      -
  kick a member                  -         -        -       -       -        +        +      +      -
  kick a moderator               -         -        -       -       -        -        +      +      -
  kick the owner                 -         -        -       -       -        -        -      -      -
  mute a member                  -         -        -       -       -        +        +      +      -
  unmute a member                -         -        -       -       -        +        +      +      -
  bar a member                   -         -        -       -       -        +        +      +      -
  bar a moderator                -         -        -       -       -        -        +      +      -
  let a barred one in            -         -        -       -       -        +        +      +      -
  give a role                    -         -        -       -       -        -        +      +      -
  make oneself the owner         -         -        -       -       -        -        .      -      -
  see sanctions                  -         -        -       -       -        +        +      +      -

a locked room                 stranger  outsider  barred  member  muted  moderator  owner  admin  banned
  read history                   -         -        -       +       +        +        +      +      -
  hear                           -         -        -       +       +        +        +      -      -
  write                          -         -        -       +       -        +        +      -      -
  upload a file                  -         -        -       +       -        +        +      -      -
  download a file                -         -        -       +       +        +        +      -      -
  list members                   -         -        -       +       +        +        +      +      -
  join                           -         -        -       .       .        .        .      -      -
  join with the password         -         +        -       .       .        .        .      +      -
  leave                          -         -        -       +       +        +        +      -      -
  change it                      -         -        -       -       -        +        +      +      -
  delete it                      -         -        -       -       -        -        +      +      -

general                       stranger  outsider  barred  member  muted  moderator  owner  admin  banned
  read history                   -         .        .       +       +        +        .      +      -
  hear                           -         .        .       +       +        +        .      +      -
  write                          -         .        .       +       -        +        .      +      -
  react                          -         .        .       +       -        +        .      +      -
  signal                         -         .        .       +       -        +        .      +      -
  edit one's own message         -         .        .       +       -        +        .      +      -
  edit another's message         -         .        .       -       -        -        .      -      -
  delete one's own message       -         .        .       +       +        +        .      +      -
  delete another's message       -         .        .       -       -        +        .      +      -
  upload a file                  -         .        .       +       -        +        .      +      -
  download a file                -         .        .       +       +        +        .      +      -
  list members                   -         .        .       +       +        +        .      +      -
  leave                          -         .        .       -       -        -        .      -      -
  change it                      -         .        .       -       -        -        .      -      -
  delete it                      -         .        .       -       -        -        .      -      -
  kick a member                  -         .        .       -       -        -        .      -      -
  mute a member                  -         .        .       -       -        +        .      +      -
  unmute a member                -         .        .       -       -        +        .      +      -
  bar a member                   -         .        .       -       -        -        .      -      -
  give a role                    -         .        .       -       -        -        .      +      -
  make oneself the owner         -         .        .       -       -        -        .      -      -
  see sanctions                  -         .        .       -       -        +        .      +      -

one's own direct              stranger  outsider  barred  member  muted  moderator  owner  admin  banned
  read history                   -         .        .       +       +        .        .      .      -
  hear                           -         .        .       +       .        .        .      .      -
  write                          -         .        .       +       -        .        .      .      -
  react                          -         .        .       +       -        .        .      .      -
  signal                         -         .        .       +       -        .        .      .      -
  mark as read                   -         .        .       +       +        .        .      .      -
  search                         -         .        .       +       +        .        .      .      -
  edit one's own message         -         .        .       +       -        .        .      .      -
  edit another's message         -         .        .       -       -        .        .      .      -
  delete one's own message       -         .        .       +       +        .        .      .      -
  delete another's message       -         .        .       -       -        .        .      .      -
  upload a file                  -         .        .       +       -        .        .      .      -
  download a file                -         .        .       +       +        .        .      .      -
  list members                   -         .        .       +       +        .        .      .      -
  join                           -         .        .       -       -        .        .      .      -
  leave                          -         .        .       -       -        .        .      .      -
  change it                      -         .        .       -       -        .        .      .      -
  delete it                      -         .        .       -       -        .        .      .      -
  mute a member                  -         .        .       -       -        .        .      .      -
  give a role                    -         .        .       -       -        .        .      .      -
  see sanctions                  -         .        .       -       -        .        .      .      -

another's direct              stranger  outsider  barred  member  muted  moderator  owner  admin  banned
  read history                   -         -        .       .       .        .        .      -      -
  hear                           -         -        .       .       .        .        .      -      -
  write                          -         -        .       .       .        .        .      -      -
  react                          -         -        .       .       .        .        .      -      -
  signal                         -         -        .       .       .        .        .      -      -
  mark as read                   -         -        .       .       .        .        .      -      -
  search                         -         -        .       .       .        .        .      -      -
  edit another's message         -         -        .       .       .        .        .      -      -
  delete another's message       -         -        .       .       .        .        .      -      -
  upload a file                  -         -        .       .       .        .        .      -      -
  download a file                -         -        .       .       .        .        .      -      -
  list members                   -         -        .       .       .        .        .      -      -
  join                           -         -        .       .       .        .        .      -      -
  leave                          -         -        .       .       .        .        .      -      -
  change it                      -         -        .       .       .        .        .      -      -
  delete it                      -         -        .       .       .        .        .      -      -
  mute a member                  -         -        .       .       .        .        .      -      -
  bar a member                   -         -        .       .       .        .        .      -      -
  give a role                    -         -        .       .       .        .        .      -      -
  see sanctions                  -         -        .       .       .        .        .      -      -

the house                     stranger  outsider  barred  member  muted  moderator  owner  admin  banned
  see accounts                   -         -        .       .       .        .        .      +      -
  see another's sessions         -         -        .       .       .        .        .      +      -
  end another's sessions         -         -        .       .       .        .        .      +      -
  add an account                 -         -        .       .       .        .        .      +      -
  set another's password         -         -        .       .       .        .        .      +      -
  make oneself an admin          -         -        .       .       .        .        .      .      -
  ban an account                 -         -        .       .       .        .        .      +      -
  unban an account               -         -        .       .       .        .        .      +      -
  remove an account              -         -        .       .       .        .        .      +      -
  ban an address                 -         -        .       .       .        .        .      +      -
  unban an address               -         -        .       .       .        .        .      +      -
  see banned addresses           -         -        .       .       .        .        .      +      -
  read the audit log             -         -        .       .       .        .        .      +      -
  change the admin key           -         -        .       .       .        .        .      +      -
  see pending apps               -         -        .       .       .        .        .      +      -

another's pending app         stranger  outsider  barred  member  muted  moderator  owner  admin  banned
  see it                         -         -        .       .       .        .        .      +      -
  download it                    -         -        .       .       .        .        .      +      -
  approve it                     -         -        .       .       .        .        .      +      -
  reject it                      -         -        .       .       .        .        .      +      -
  delete it                      -         -        .       .       .        .        .      +      -

one's own pending app         stranger  outsider  barred  member  muted  moderator  owner  admin  banned
  see it                         .         +        .       .       .        .        .      .      .
  download it                    .         +        .       .       .        .        .      .      .
  approve it                     .         -        .       .       .        .        .      .      .
  delete it                      .         +        .       .       .        .        .      .      .

an approved app               stranger  outsider  barred  member  muted  moderator  owner  admin  banned
  see it                         +         +        .       .       .        .        .      +      .
  download it                    +         +        .       .       .        .        .      +      .
  reject it                      -         -        .       .       .        .        .      +      -
  delete it                      -         -        .       .       .        .        .      +      -
";

/// Every line of the table taken apart.
pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut head: (Object, Vec<Role>) = (Object::House, Vec::new());
    for line in TABLE.lines().filter(|line| !line.is_empty()) {
        let cells: Vec<&str> = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        if line.starts_with(' ') {
            let act = Act::named(cells[0]);
            let marks = cells[1..].iter().map(|mark| may(mark));
            assert_eq!(marks.len(), head.1.len(), "{line}");
            rows.push(Row { object: head.0, act, may: head.1.iter().copied().zip(marks).collect() });
        } else {
            head = (Object::named(cells[0]), cells[1..].iter().map(|name| Role::named(name)).collect());
        }
    }
    rows
}

/// What the roles may do to an object; none where that is no case.
pub struct Row {
    pub object: Object,
    pub act: Act,
    pub may: Vec<(Role, Option<bool>)>,
}

fn may(mark: &str) -> Option<bool> {
    match mark {
        "+" => Some(true),
        "-" => Some(false),
        "." => None,
        _ => panic!("{mark:?} is no mark"),
    }
}

/// Where a door's own document says less than the table: a door may be narrower than the house, and never wider.
pub fn at(door: Door, role: Role, act: Act, may: bool) -> bool {
    match (door, act) {
        // The document has /delete_room for admins alone.
        (Door::Slash, Act::Delete) => may && role == Role::Admin,
        // Only the HTTP API shows strangers anything at all.
        (_, _) if role == Role::Stranger && door != Door::Api => false,
        _ => may,
    }
}

macro_rules! named {
    ($(#[$comment:meta])* $name:ident { $($variant:ident $words:literal)* }) => {
        $(#[$comment])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($variant),* }

        impl $name {
            pub fn words(self) -> &'static str {
                match self { $(Self::$variant => $words),* }
            }

            fn named(words: &str) -> Self {
                match words {
                    $($words => Self::$variant,)*
                    _ => panic!("the table has {words:?}, which is no {}", stringify!($name)),
                }
            }
        }
    };
}

named! {
    Role {
        Stranger "stranger"
        Outsider "outsider"
        Barred "barred"
        Member "member"
        Muted "muted"
        Moderator "moderator"
        Owner "owner"
        Admin "admin"
        Banned "banned"
    }
}

named! {
    Object {
        OpenRoom "an open room"
        LockedRoom "a locked room"
        General "general"
        OwnDirect "one's own direct"
        AnothersDirect "another's direct"
        House "the house"
        PendingApp "another's pending app"
        OwnApp "one's own pending app"
        ApprovedApp "an approved app"
    }
}

named! {
    Act {
        ReadHistory "read history"
        Hear "hear"
        Write "write"
        React "react"
        Signal "signal"
        MarkRead "mark as read"
        Search "search"
        EditOwn "edit one's own message"
        EditAnothers "edit another's message"
        DeleteOwn "delete one's own message"
        DeleteAnothers "delete another's message"
        Upload "upload a file"
        Download "download a file"
        ListMembers "list members"
        ViewAsAdmin "view it as admins do"
        Join "join"
        JoinWithPassword "join with the password"
        Leave "leave"
        Change "change it"
        Delete "delete it"
        KickMember "kick a member"
        KickModerator "kick a moderator"
        KickOwner "kick the owner"
        Mute "mute a member"
        Unmute "unmute a member"
        Bar "bar a member"
        BarModerator "bar a moderator"
        LetIn "let a barred one in"
        GiveRole "give a role"
        TakeOver "make oneself the owner"
        SeeSanctions "see sanctions"
        SeeAccounts "see accounts"
        SeeSessions "see another's sessions"
        EndSessions "end another's sessions"
        AddAccount "add an account"
        SetPassword "set another's password"
        MakeAdmin "make oneself an admin"
        Ban "ban an account"
        Unban "unban an account"
        RemoveAccount "remove an account"
        BanAddress "ban an address"
        UnbanAddress "unban an address"
        SeeAddresses "see banned addresses"
        ReadAudit "read the audit log"
        ChangeAdminKey "change the admin key"
        SeePending "see pending apps"
        See "see it"
        DownloadApp "download it"
        Approve "approve it"
        Reject "reject it"
    }
}
