//! Tables and columns: those that an import knows by some names ([`Shape`]), and how a database has them.

/// What statements call a row by.
const ROW: &str = "kept";

/// A table and what is wanted of it, each under the names it may have, the likeliest first.
pub struct Shape {
    pub tables: &'static [&'static str],
    pub columns: &'static [&'static [&'static str]],
    /// The columns, by their places above, that put rows into order: the first is enough where it counts up by itself.
    pub order: &'static [usize],
}

/// A shape as this database has it.
pub struct Found {
    table: String,
    columns: Vec<Option<Column>>,
    order: Vec<String>,
}

pub(super) struct Table {
    pub name: String,
    pub columns: Vec<Column>,
}

#[derive(Clone, Debug)]
pub(super) struct Column {
    pub name: String,
    /// The type it was declared with, in lower case.
    pub kind: String,
}

impl Shape {
    /// A table as it is wanted.
    pub(super) fn found_in(&self, table: &Table) -> Found {
        let columns: Vec<Option<Column>> =
            self.columns.iter().map(|names| names.iter().find_map(|name| table.column(name)).cloned()).collect();
        Found { table: table.name.clone(), order: order(self, &columns), columns }
    }
}

/// By the first column where it is a number that counts up; else by what comes after it, and the first at last.
fn order(shape: &Shape, columns: &[Option<Column>]) -> Vec<String> {
    let mut order: Vec<&Column> = shape.order.iter().filter_map(|place| columns.get(*place)?.as_ref()).collect();
    let counts_up = shape.order.first().and_then(|place| columns.get(*place)?.as_ref()).is_some_and(Column::is_number);
    if !counts_up && order.len() > 1 {
        order.rotate_left(1);
    }
    order.into_iter().map(Column::of_row).collect()
}

impl Found {
    /// The table's name, for people.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// Whether the table has a column for this place of the shape.
    pub fn has(&self, place: usize) -> bool {
        self.columns.get(place).is_some_and(Option::is_some)
    }

    pub fn has_all(&self, places: &[usize]) -> bool {
        places.iter().all(|place| self.has(*place))
    }

    /// Whether the column for this place holds ids, by its name and type.
    pub fn holds_ids(&self, place: usize) -> bool {
        let column = self.columns.get(place).and_then(Option::as_ref);
        column.is_some_and(|column| column.is_number() || column.name.to_ascii_lowercase().ends_with("id"))
    }

    /// All rows in their order, which is that of what the table holds and not of the texts that it is read as: "10" comes
    /// before "9". Bare names in `ORDER BY` would mean the latter.
    pub(super) fn select(&self, value: impl Fn(&Column) -> String) -> String {
        let values: Vec<String> =
            self.columns.iter().map(|column| column.as_ref().map_or("NULL".to_owned(), &value)).collect();
        let order = match self.order.is_empty() {
            true => String::new(),
            false => format!(" ORDER BY {}", self.order.join(", ")),
        };
        format!("SELECT {} FROM {} AS {ROW}{order}", values.join(", "), quoted(&self.table))
    }
}

impl Table {
    pub fn has_all(&self, columns: &[&str]) -> bool {
        columns.iter().all(|column| self.column(column).is_some())
    }

    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }
}

impl Column {
    /// As it stands in a row, in a statement.
    pub fn of_row(&self) -> String {
        format!("{ROW}.{}", quoted(&self.name))
    }

    fn is_number(&self) -> bool {
        let numbers = ["int", "serial", "num", "dec"].iter().any(|number| self.kind.contains(number));
        numbers && !["interval", "point"].iter().any(|other| self.kind.contains(other))
    }
}

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_whatever_they_hold() {
        assert_eq!(quoted("a\"; x"), "\"a\"\"; x\"");
    }
}
