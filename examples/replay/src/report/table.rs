//! Tables for people and for `docs/accuracy.md`: Markdown whose columns stand under one another.

use super::tally::Value;
use crate::replay::Failure;
use crate::say::say;

/// What is asked of a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// Nothing: printed to be compared.
    None,
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
    /// What an honest sigma would give; nothing is asked.
    Expected(f64),
}

/// A table with a name.
pub struct Table {
    title: &'static str,
    rows: Vec<[String; COLUMNS.len()]>,
}

const COLUMNS: [&str; 7] = ["figure", "value", "n", "known", "goal", "ok", "measured on"];

impl Table {
    /// An empty one.
    pub fn new(title: &'static str) -> Self {
        Self { title, rows: Vec::new() }
    }

    /// A figure, what is asked of it, and on what it was measured.
    pub fn row(&mut self, figure: &str, value: Value, goal: Goal, on: &str) {
        self.rows.push([
            figure.to_owned(),
            value.value.map_or_else(|| "–".to_owned(), number),
            format!("{}", value.n),
            value.known.map_or_else(String::new, |k| format!("{} %", (100.0 * k).floor())),
            goal.text(),
            goal.reached(value).to_owned(),
            on.to_owned(),
        ]);
    }

    /// Prints it.
    pub fn print(&self) -> Result<(), Failure> {
        say!("{}", self.text())
    }

    fn text(&self) -> String {
        let head = COLUMNS.map(str::to_owned);
        let mut widths = head.clone().map(|h| h.chars().count());
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let line = |row: &[String; COLUMNS.len()]| {
            let cells: Vec<String> = row.iter().zip(widths).map(|(cell, w)| format!("{cell:<w$}")).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let rule: Vec<String> = widths.iter().map(|w| "-".repeat(*w)).collect();
        let rows: String = self.rows.iter().map(line).collect();
        format!("### {}\n\n{}| {} |\n{rows}", self.title, line(&head), rule.join(" | "))
    }
}

impl Goal {
    fn text(self) -> String {
        match self {
            Goal::None => String::new(),
            Goal::AtMost(x) => format!("≤ {}", number(x)),
            Goal::AtLeast(x) => format!("≥ {}", number(x)),
            Goal::Expected(x) => format!("about {}", number(x)),
        }
    }

    /// A missing value fails, unless there was nothing to find.
    fn reached(self, value: Value) -> &'static str {
        /// Sums of tenths are not tenths.
        const ROUNDING: f64 = 1e-9;
        let ok = match (self, value.value) {
            (Goal::None | Goal::Expected(_), _) => return "",
            (_, None) if value.n == 0.0 => return "",
            (_, None) => false,
            (Goal::AtMost(goal), Some(x)) => x <= goal + ROUNDING,
            (Goal::AtLeast(goal), Some(x)) => x >= goal - ROUNDING,
        };
        if ok { "yes" } else { "no" }
    }
}

/// Four digits are what such a table can mean.
fn number(x: f64) -> String {
    if !x.is_finite() {
        return "inf".to_owned();
    }
    let decimals = match x.abs() {
        a if a >= 1_000.0 => 0,
        a if a >= 100.0 => 1,
        a if a >= 10.0 => 2,
        _ => 3,
    };
    let text = format!("{x:.decimals$}");
    match text.split_once('.') {
        Some(_) => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_says_what_was_asked_and_whether_it_was_reached() {
        let mut table = Table::new("things");
        let value = |x: Option<f64>, n: f64| Value { value: x, n, known: Some(0.999) };
        table.row("good", value(Some(0.8), 20.0), Goal::AtMost(0.8), "drive, seeds 1–20");
        table.row("missing", value(None, 3.0), Goal::AtLeast(0.9), "drive");
        table.row("nothing to find", value(None, 0.0), Goal::AtLeast(0.9), "drive");
        table.row("worse", value(Some(f64::INFINITY), 1.0), Goal::AtMost(3.0), "drive");
        let text = table.text();
        let cells: Vec<Vec<&str>> =
            text.lines().skip(2).map(|l| l.trim_matches('|').split('|').map(str::trim).collect()).collect();
        assert_eq!(cells[2], ["good", "0.8", "20", "99 %", "≤ 0.8", "yes", "drive, seeds 1–20"]);
        assert_eq!((cells[3][1], cells[3][5]), ("–", "no"));
        assert_eq!(cells[4][5], "");
        assert_eq!((cells[5][1], cells[5][5]), ("inf", "no"));
    }

    #[test]
    fn numbers_have_four_digits() {
        assert_eq!([1234.56, 123.456, 12.0, 0.5, 0.0].map(number), ["1235", "123.5", "12", "0.5", "0"]);
    }
}
