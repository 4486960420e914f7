//! QR codes as the server tells them (`#` for a dark module), in characters that each show two modules.

/// Light modules around it, without which no camera finds it.
const MARGIN: usize = 2;

/// Rows of characters, dark ones drawn; on a light ground they are black.
pub fn half_blocks(rows: &[String]) -> Vec<String> {
    let dark: Vec<Vec<bool>> = rows.iter().map(|row| row.chars().map(|c| c == '#').collect()).collect();
    let width = dark.iter().map(Vec::len).max().unwrap_or_default() + 2 * MARGIN;
    let at = |x: usize, y: usize| {
        let row = y.checked_sub(MARGIN).and_then(|y| dark.get(y));
        row.zip(x.checked_sub(MARGIN)).and_then(|(row, x)| row.get(x)).copied().unwrap_or_default()
    };
    let shown = |x, y| match (at(x, y), at(x, y + 1)) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    };
    let height = dark.len() + 2 * MARGIN;
    (0..height).step_by(2).map(|y| (0..width).map(|x| shown(x, y)).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_modules_stand_in_each_character_with_a_margin_around() {
        let rows = ["##".to_owned(), "# ".to_owned(), " #".to_owned()];
        assert_eq!(half_blocks(&rows), ["      ", "  █▀  ", "   ▀  ", "      "]);
        assert!(half_blocks(&[]).iter().all(|row| row.trim().is_empty()));
    }
}
