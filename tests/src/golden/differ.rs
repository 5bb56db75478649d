//! In what two texts of a golden differ, so that a person sees which number changed: the field of a record, the column of
//! a table, the word of a line.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::fmt::Write as _;

use serde_json::Value;

/// So many are told of a file: the rest is mostly the same change again.
const TOLD: usize = 12;

/// A line for each difference, empty if there is none.
pub fn differences(file: &str, golden: &str, now: &str) -> String {
    let (was, is): (Vec<&str>, Vec<&str>) = (golden.lines().collect(), now.lines().collect());
    let mut all = Vec::new();
    if was.len() != is.len() {
        all.push(format!("{} lines, now {}", was.len(), is.len()));
    }
    let header: Vec<&str> = was.first().map_or_else(Vec::new, |line| line.split(',').collect());
    for (i, (was, is)) in was.iter().zip(&is).enumerate().filter(|(_, (was, is))| was != is) {
        let fields = if file.ends_with(".jsonl") {
            fields(was, is)
        } else if file.ends_with(".csv") {
            cells(&header, was, is)
        } else {
            vec![format!("{was} -> {is}")]
        };
        all.extend(fields.iter().map(|field| format!("line {}, {field}", i + 1)));
    }
    let mut told = String::new();
    for one in all.iter().take(TOLD) {
        writeln!(told, "  {file}: {one}").unwrap();
    }
    if all.len() > TOLD {
        writeln!(told, "  {file}: and {} more", all.len() - TOLD).unwrap();
    }
    told
}

fn fields(was: &str, is: &str) -> Vec<String> {
    let parse = |line: &str| serde_json::from_str::<Value>(line).unwrap_or_default();
    let (was, is) = (parse(was), parse(is));
    let what = format!("{} from {}", was["schema"].as_str().unwrap_or("record"), was["start_t_s"]);
    let mut out = Vec::new();
    walk(&what, &was, &is, &mut out);
    out
}

/// Every leaf in which two values differ, with the way to it.
fn walk(path: &str, was: &Value, is: &Value, out: &mut Vec<String>) {
    match (was, is) {
        (Value::Object(a), Value::Object(b)) => {
            for (key, value) in a {
                walk(&format!("{path} {key}"), value, b.get(key).unwrap_or(&Value::Null), out);
            }
            out.extend(b.iter().filter(|(key, _)| !a.contains_key(*key)).map(|(k, v)| format!("{path} {k}: new, {v}")));
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (i, (a, b)) in a.iter().zip(b).enumerate() {
                walk(&format!("{path}[{i}]"), a, b, out);
            }
        }
        _ if was != is => out.push(format!("{path}: {was} -> {is}")),
        _ => {}
    }
}

fn cells(header: &[&str], was: &str, is: &str) -> Vec<String> {
    let t_s = was.split(',').next().unwrap_or_default();
    let pairs = header.iter().zip(was.split(',').zip(is.split(',')));
    pairs.filter(|(_, (was, is))| was != is).map(|(name, (was, is))| format!("{t_s} {name}: {was} -> {is}")).collect()
}

#[cfg(test)]
mod tests {
    use super::differences;

    #[test]
    fn the_number_that_changed_is_named() {
        let golden = "{\"schema\":\"milepost.trip/1\",\"start_t_s\":5.0,\"start\":[1.0,2.0],\"mode\":\"walking\"}\n";
        let now = golden.replace("2.0", "2.5");
        let told = differences("records.jsonl", golden, &now);
        assert_eq!(told, "  records.jsonl: line 1, milepost.trip/1 from 5.0 start[1]: 2.0 -> 2.5\n");
        let told = differences("states.csv", "t_s,lat\n7.0,50.1\n", "t_s,lat\n7.0,50.2\n");
        assert_eq!(told, "  states.csv: line 2, 7.0 lat: 50.1 -> 50.2\n");
        assert_eq!(differences("states.csv", "t_s\n", "t_s\n"), "");
        assert!(differences("hashes.txt", "a\n", "a\nb\n").contains("1 lines, now 2"));
    }
}
