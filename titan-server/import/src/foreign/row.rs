//! One row, its values as text.

/// The values of a row, at the places of the shape that was asked for.
#[derive(Clone, Debug, Default)]
pub struct Row(pub(super) Vec<Option<String>>);

impl Row {
    pub fn text(&self, place: usize) -> Option<&str> {
        self.0.get(place)?.as_deref()
    }

    /// The text without spaces around it; none where nothing is left.
    pub fn word(&self, place: usize) -> Option<&str> {
        self.text(place).map(str::trim).filter(|word| !word.is_empty())
    }

    /// What an id is compared by.
    pub fn key(&self, place: usize) -> Option<String> {
        self.word(place).map(str::to_owned)
    }

    pub fn number(&self, place: usize) -> Option<i64> {
        self.word(place)?.parse().ok()
    }

    pub fn flag(&self, place: usize) -> bool {
        self.word(place).is_some_and(|word| matches!(word.to_ascii_lowercase().as_str(), "t" | "true" | "y" | "yes"))
            || self.number(place).is_some_and(|number| number != 0)
    }
}
