//! Between which values a key must lie, where less than "not negative" makes sense: shares, chances, multiples.

use std::ops::RangeInclusive;

/// A part of a whole, or a chance.
const SHARE: RangeInclusive<f64> = 0.0..=1.0;
/// So many times something: more is a mistake in the point.
const MULTIPLE: RangeInclusive<f64> = 0.0..=10.0;

/// Everything that has a narrower range than others of its kind.
const RANGES: [(&str, RangeInclusive<f64>); 11] = [
    ("gnss_confirm_ratio", SHARE),
    ("gnss_only_ratio", SHARE),
    ("harsh_leave_ratio", SHARE),
    ("impact_min_confidence", SHARE),
    ("score_min_seen", SHARE),
    ("speeding_tolerance", SHARE),
    ("severity_medium_ratio", MULTIPLE),
    ("severity_high_ratio", MULTIPLE),
    ("speeding_medium_ratio", MULTIPLE),
    ("speeding_high_ratio", MULTIPLE),
    // Ten minutes: nobody would wait for an event longer.
    ("max_lateness_s", 0.0..=600.0),
];

/// The range of a key, where it has one of its own.
pub(super) fn of(key: &str) -> Option<RangeInclusive<f64>> {
    RANGES.into_iter().find(|(name, _)| *name == key).map(|(_, range)| range)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, ConfigError, Preset};

    fn set(key: &str, value: f64) -> Result<Config, ConfigError> {
        Config::from_json(Preset::Courier, &format!("{{{key:?}: {value}}}"))
    }

    #[test]
    fn given_a_key_with_a_range_when_set_then_its_ends_are_taken_and_what_lies_beyond_is_refused_by_name_value_and_range()
     {
        for (key, range) in RANGES {
            let (least, most) = range.into_inner();
            assert!(set(key, least).is_ok() && set(key, most).is_ok(), "{key}");
            for beyond in [most + 0.001, most + 6.0, -0.001] {
                let said = set(key, beyond).unwrap_err().to_string();
                let meant = format!("configuration key {key:?}: {beyond} is not between {least} and {most}");
                assert_eq!(said, meant);
            }
        }
        let said = set("score_min_seen", 7.0).unwrap_err().to_string();
        assert_eq!(said, "configuration key \"score_min_seen\": 7 is not between 0 and 1");
    }

    #[test]
    fn given_a_key_that_is_called_as_shares_are_then_it_has_a_range() {
        let shares = ["_ratio", "_seen", "_confidence", "_tolerance", "_share", "_chance", "_probability"];
        for key in Config::default().to_map().keys().filter(|key| shares.iter().any(|ending| key.ends_with(ending))) {
            assert!(of(key).is_some(), "{key}");
        }
    }
}
