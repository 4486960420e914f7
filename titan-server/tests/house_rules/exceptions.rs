//! What the rules let pass, and why. An exception that nothing needs any more is a breach itself.

use crate::rules::{Exception, except};

/// Records that the hall hands to doors, of all that the store knows.
pub const RECORDS: &[&str] = &[
    "AccountKey",
    "AccountRecord",
    "AppFilter",
    "AppRecord",
    "FileRecord",
    "Network",
    "NewFile",
    "NoNetwork",
    "Page",
    "Range",
    "counted_as",
];

pub const WIRE: &[Exception] = &[];

pub const CONCRETE: &[Exception] = &[except(
    "titan-server/src/parsers.rs",
    "parsers::PARSERS",
    "the list of what is fuzzed: nothing of the house calls it",
)];

pub const SQL: &[Exception] = &[];

pub const PERMISSION: &[Exception] = &[
    except("titan-server/sql/src/verbs/moderation.rs", "MemberRole::Owner", "the row of the room names its owner too"),
    except(
        "titan-server/hub/src/entering.rs",
        "Fault::forbidden",
        "who registers is nobody yet: the admin key decides what they become",
    ),
    except("titan-server/hub/src/entering.rs", "FaultCode::Banned", "a ban keeps out before there is anybody to judge"),
    except("titan-server/hub/src/reset.rs", "Fault::forbidden", "who shows a key is nobody: the key decides"),
    except("titan-server/hub/src/rooms.rs", "Fault::forbidden", "nobody at all may end or rename general"),
    except("titan-server/hub/src/repository.rs", "Fault::forbidden", "the policy's refusal in the older API's words"),
    except("titan-server/hub/src/repository.rs", "!= Role::Admin", "which apps a list holds, not whether one may ask"),
    except("titan-server/hub/src/moderation.rs", "MemberRole::Owner", "what else changes where a room is handed over"),
    except("titan-server/doors/slash/src/admin.rs", "== Role::Admin", "a word in a list that only admins are shown"),
    except("titan-server/src/console/words.rs", "== Role::Admin", "a column of a list for the operator"),
    except("titan-server/hub/src/operator.rs", "== Role::Admin", "a list for the operator, who asks no permission"),
];

pub const CLOCK: &[Exception] = &[
    except("titan-server/hub/src/limits.rs", "DefaultClock", "rates go by a clock that is never set"),
    except("titan-server/hub/src/patience.rs", "Instant::now", "how long something took is no time of the house"),
    except("titan-server/hub/src/patience.rs", "time::sleep", "patience with strangers is the runtime's"),
    except("titan-server/sql/src/sqlite/mod.rs", "MachineClock", "what a memory has that is given no other"),
    except("titan-server/sql/src/postgres/mod.rs", "MachineClock", "what a memory has that is given no other"),
    except("titan-server/sql/src/sqlite/import.rs", "MachineClock", "a house is brought over while nobody serves it"),
    except("titan-server/sql/src/postgres/import.rs", "MachineClock", "a house is brought over while nobody serves it"),
    except("titan-server/sql/src/sqlite/rescue/mod.rs", "MachineClock", "a house is rescued while nobody serves it"),
    except("titan-server/sql/src/sqlite/rescue/filling.rs", "strftime", "a house is rescued while nobody serves it"),
];

/// Rule 7.
pub const BARE_STRINGS: &[Exception] = &[
    except("titan-core/src/protocol/model.rs", "door: String", "the server's own word for one of its doors"),
    except("titan-core/src/protocol/model.rs", "doors: Vec<String>", "the server's own words for its doors"),
    except("titan-core/src/protocol/model.rs", "last_door:", "the server's own word for one of its doors"),
    except("titan-core/src/protocol/reply.rs", "qr: Vec<String>", "dark and light modules, to be drawn"),
    except("titan-core/src/protocol/repository.rs", "categories:", "the server's own words: the six categories"),
    except("titan-core/src/protocol/reply.rs", "epoch: Option<String>", "a word to compare, never shown"),
    except("titan-core/src/protocol/fault.rs", "field: Option<String>", "a word to compare, never shown"),
    except("titan-core/src/protocol/fault.rs", "message: String", "made fit to be shown when it is read from the wire"),
];

/// Rule 10.
pub const CLOSED_TYPES: &[Exception] =
    &[except("titan-core/src/protocol/mod.rs", "Outcome can't grow", "it is done or it isn't: there is no third")];

/// Rule 8.
pub const WORLD: &[Exception] = &[
    except(
        "titan-tui/src/parsers.rs",
        "the screen touches the world",
        "no part of the screen: the fuzz targets alone call it",
    ),
    except("titan-tui/src/device.rs", "std::env::var", "no part of the screen: the runner and the shell ask it"),
];

pub const PRINTING: &[Exception] = &[
    except("titan-server/src/console/admin.rs", "std::io::stdout", "the answer to an operator's order"),
    except("titan-server/src/console/admin.rs", "std::io::stderr", "the question before an account is gone for good"),
    except("titan-server/src/telemetry.rs", "std::io::stderr", "the log itself"),
    except("titan-tui/src/terminal.rs", "std::io::stdout", "the terminal that the screen is drawn on"),
];

pub const LONG_FILES: &[Exception] = &[];

pub const LONG_FUNCTIONS: &[Exception] = &[except(
    "titan-server/doors/native/src/perform.rs",
    "fn perform",
    "an arm a command: cut in two, the compiler could no longer say that none is missing",
)];

pub const GIVING_UP: &[Exception] = &[];
