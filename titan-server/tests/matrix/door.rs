//! The doors by their names.

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Door {
    Native,
    Api,
    TitanNet,
    Channels,
    JsonLines,
    Slash,
    TlsFrames,
}

pub const DOORS: [Door; 7] =
    [Door::Native, Door::Api, Door::TitanNet, Door::Channels, Door::JsonLines, Door::Slash, Door::TlsFrames];

impl Door {
    pub fn letter(self) -> char {
        match self {
            Self::Native => 'N',
            Self::Api => 'A',
            Self::TitanNet => 'T',
            Self::Channels => 'C',
            Self::JsonLines => 'J',
            Self::Slash => 'S',
            Self::TlsFrames => 'F',
        }
    }

    /// What names made for its tries begin with.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Api => "api",
            Self::TitanNet => "net",
            Self::Channels => "channels",
            Self::JsonLines => "lines",
            Self::Slash => "slash",
            Self::TlsFrames => "frames",
        }
    }
}
