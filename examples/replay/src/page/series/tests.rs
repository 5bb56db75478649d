use milepost_engine::motion::Acceleration;
use milepost_engine::sample::MonoTime;
use proptest::prelude::*;

use super::*;

fn state(t_ns: i64, speed: Option<f64>, long: Option<f64>) -> State {
    let acceleration =
        long.map(|long_mps2| Acceleration { long_mps2, lat_mps2: -long_mps2, vert_mps2: 0.0, sigma_mps2: 1.0 });
    State { t: MonoTime(t_ns), speed_mps: speed, acceleration, ..State::default() }
}

/// What the page's JavaScript does with `data`.
fn decode(bytes: Vec<u8>) -> Vec<Bucket> {
    let mut bytes = bytes.into_iter();
    let runs = |bytes: &mut std::vec::IntoIter<u8>| {
        let (mut numbers, mut next) = (Vec::new(), 0);
        for _ in 0..pack::take(bytes) {
            next += pack::take(bytes);
            for _ in 0..pack::take(bytes) {
                numbers.push(next);
                next += 1;
            }
        }
        numbers
    };
    let mut buckets: Vec<Bucket> =
        runs(&mut bytes).into_iter().map(|index| Bucket { index, ranges: [None; CHANNELS] }).collect();
    for channel in 0..CHANNELS {
        let mut low = 0;
        for i in runs(&mut bytes) {
            low += pack::take(&mut bytes);
            let high = low + pack::take(&mut bytes);
            buckets[i as usize].ranges[channel] = Some(Range { low: low as i16, high: high as i16 });
        }
    }
    assert_eq!(bytes.next(), None);
    buckets
}

fn extremes(buckets: &[Bucket], channel: usize) -> Option<(i16, i16)> {
    let ranges = || buckets.iter().filter_map(|b| b.ranges[channel]);
    Some((ranges().map(|r| r.low).min()?, ranges().map(|r| r.high).max()?))
}

#[test]
fn a_day_of_states_at_25_hz_is_bounded_and_keeps_its_one_peak() {
    let mut series = Series::default();
    for i in 0..86_400 * 25i64 {
        let peak = if i == 1_234_567 { -8.5 } else { 0.1 };
        series.push(&state(i * 40_000_000, Some(13.0 + (i % 977) as f64 * 0.01), Some(peak)));
        assert!(series.buckets.len() <= MAX_BUCKETS);
    }
    assert_eq!(series.buckets.len(), 86_400, "a bucket a second");
    assert_eq!(extremes(&series.buckets, 1).map(|r| r.0), Some(-425));
    let at = 1_234_567i64 / 25;
    assert_eq!(series.buckets[at as usize].ranges[1].map(|r| r.low), Some(-425), "it is where it was");
    let packed = series.pack();
    assert!(packed.data.len() < SERIES_BYTES, "{}", packed.data.len());
    assert_eq!((packed.width_s, packed.buckets), (1.0, 86_400));
}

#[test]
fn the_wildest_day_stays_within_its_share_of_the_page() {
    let mut series = Series::default();
    for i in 0..MAX_BUCKETS as i64 * 2 {
        let wild = if i % 3 == 0 { 1e9 } else { -1e9 };
        series.push(&state(i * NARROWEST_NS, Some(wild), Some(-wild)));
    }
    assert!(series.pack().data.len() <= SERIES_BYTES);
}

#[test]
fn nothing_and_leaps_over_centuries_are_packed() {
    let packed = Series::default().pack();
    assert_eq!((packed.buckets, packed.start_t_s), (0, 0.0));
    let mut series = Series::default();
    series.push(&state(0, None, None));
    assert_eq!(series.start_ns, None, "a state that says nothing is none");
    for i in 0..MAX_BUCKETS as i64 + 10 {
        series.push(&state(i.saturating_mul(i64::MAX / 1_000), Some(1.0), None));
    }
    assert!(series.buckets.len() <= MAX_BUCKETS);
    let buckets = series.buckets.clone();
    assert_eq!(decode(series.encode()), buckets);
}

proptest! {
    #[test]
    fn what_is_decoded_is_what_was_held_and_no_extreme_is_lost(
        steps in prop::collection::vec(
            (0i64..5_000_000_000, prop::option::of(0.0f64..60.0), prop::option::of(-20.0f64..20.0)), 1..300),
        doublings in 0usize..12,
    ) {
        let mut series = Series::default();
        let mut t = 1_700_000_000_000_000_000;
        for (step, speed, long) in &steps {
            t += step;
            series.push(&state(t, *speed, *long));
        }
        (0..doublings).for_each(|_| series.double());
        let buckets = decode(series.encode());
        prop_assert_eq!(&buckets, &series.buckets);
        let quanta = |values: Vec<f64>, quantum: f64| {
            let all: Vec<i16> = values.iter().map(|v| (v / quantum).round() as i16).collect();
            Some((*all.iter().min()?, *all.iter().max()?))
        };
        prop_assert_eq!(extremes(&buckets, 0), quanta(steps.iter().filter_map(|s| s.1).collect(), QUANTA[0]));
        prop_assert_eq!(extremes(&buckets, 1), quanta(steps.iter().filter_map(|s| s.2).collect(), QUANTA[1]));
        prop_assert!(buckets.windows(2).all(|w| w[0].index < w[1].index));
    }
}
