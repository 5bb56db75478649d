use proptest::prelude::*;

use super::*;
use crate::sample::Signal;

fn sample(t_s: f64) -> ImuSample {
    ImuSample { t: MonoTime::from_seconds(t_s), force_mps2: [0.0, 0.0, 9.81], rate_rad_s: Some([0.0; 3]) }
}

fn fix(t_s: f64) -> Fix {
    Fix {
        t: MonoTime::from_seconds(t_s),
        // 11 m a second, northward.
        lat_deg: 52.0 + t_s * 1e-4,
        lon_deg: 13.0,
        alt_m: None,
        speed_mps: Some(11.0),
        bearing_deg: Some(0.0),
        hacc_m: Some(5.0),
        arrived: None,
        wall_ms: None,
        mock: false,
    }
}

#[derive(Debug, PartialEq)]
enum Next {
    Imu(ImuSample),
    Other(MonoTime, Item),
}

/// All that can be taken, in order.
fn taken(intake: &mut Intake) -> Vec<Next> {
    let (mut all, mut samples) = (Vec::new(), Vec::new());
    loop {
        intake.take_imu(&mut samples);
        all.extend(samples.drain(..).filter(|sample| intake.accept(sample)).map(Next::Imu));
        let Some(other) = intake.take_other() else { return all };
        all.extend(other.map(|(t, item)| Next::Other(t, item)));
    }
}

fn drained(intake: &mut Intake) -> Vec<Next> {
    intake.settle_all();
    taken(intake)
}

fn intake() -> Intake {
    Intake::new(IntakeConfig::default())
}

#[test]
fn given_what_no_sensor_measures_each_is_refused_and_counted() {
    let mut intake = intake();
    let nan = |i: usize| {
        let mut s = sample(1.0);
        s.force_mps2[i] = f32::NAN;
        s
    };
    (0..3).for_each(|i| intake.imu(&[nan(i)]));
    intake.imu(&[ImuSample { rate_rad_s: Some([0.0, f32::INFINITY, 0.0]), ..sample(1.0) }]);
    intake.imu(&[ImuSample { force_mps2: [700.0, 0.0, 0.0], ..sample(1.0) }]);
    intake.imu(&[ImuSample { rate_rad_s: Some([0.0, 0.0, -101.0]), ..sample(1.0) }]);
    for bad in [
        Fix { lat_deg: f64::NAN, ..fix(1.0) },
        Fix { lon_deg: f64::INFINITY, ..fix(1.0) },
        Fix { lat_deg: 90.1, ..fix(1.0) },
        Fix { lon_deg: -181.0, ..fix(1.0) },
        Fix { lat_deg: 0.0, lon_deg: 0.0, ..fix(1.0) },
        Fix { hacc_m: Some(-1.0), ..fix(1.0) },
        Fix { mock: true, ..fix(1.0) },
        Fix { arrived: Some(MonoTime::from_seconds(90_000.0)), ..fix(1.0) },
    ] {
        intake.fix(&bad, None);
    }
    assert!(drained(&mut intake).iter().all(|next| matches!(next, Next::Other(_, Item::Mock))));
    let expected = Counters {
        imu_not_finite: 4,
        imu_out_of_range: 2,
        fix_not_finite: 2,
        fix_out_of_range: 2,
        fix_zero_zero: 1,
        fix_negative_accuracy: 1,
        fix_mock: 1,
        fix_stale: 1,
        ..Counters::default()
    };
    assert_eq!(intake.counters(), &expected);
}

#[test]
fn given_fields_that_cannot_be_the_fix_is_used_without_them() {
    let mut intake = intake();
    let odd =
        Fix { speed_mps: Some(-1.0), bearing_deg: Some(f32::NAN), hacc_m: Some(0.0), alt_m: Some(1e9), ..fix(1.0) };
    intake.fix(&odd, None);
    intake.fix(&Fix { speed_mps: Some(500.0), bearing_deg: Some(360.0), ..fix(2.0) }, None);
    let out = drained(&mut intake);
    let Next::Other(_, Item::Fix(first)) = &out[0] else { panic!("{out:?}") };
    assert_eq!((first.speed_mps, first.bearing_deg, first.hacc_m, first.alt_m), (None, None, None, None));
    let Next::Other(_, Item::Fix(second)) = &out[1] else { panic!("{out:?}") };
    assert_eq!((second.speed_mps, second.bearing_deg), (None, Some(0.0)));
    assert_eq!(intake.counters().fix_field_ignored, 2);
}

#[test]
fn given_a_receiver_1024_weeks_behind_its_fixes_are_brought_back_before_they_could_be_stale() {
    let mut intake = intake();
    let now = 1_700_000_000_000;
    let wall = now - ROLLOVER_DAYS * 86_400_000 + 500;
    intake.fix(&Fix { wall_ms: Some(wall), ..fix(1.0) }, Some(now));
    let out = drained(&mut intake);
    let Next::Other(_, Item::Fix(fix)) = &out[0] else { panic!("{out:?}") };
    assert_eq!(fix.wall_ms, Some(now + 500));
    assert_eq!((intake.counters().fix_rollover, intake.counters().fix_stale), (1, 0));
}

#[test]
fn given_a_jump_to_another_town_and_back_the_jump_is_refused() {
    let mut intake = intake();
    for t in 0..10 {
        let away = if t == 5 { 0.5 } else { 0.0 };
        let f = fix(f64::from(t));
        intake.fix(&Fix { lat_deg: f.lat_deg + away, ..f }, None);
    }
    assert_eq!(drained(&mut intake).len(), 9);
    assert_eq!(intake.counters().fix_teleport, 1);
}

#[test]
fn given_a_first_fix_in_the_wrong_town_the_right_one_wins_soon() {
    let mut intake = intake();
    let wrong = fix(0.0);
    intake.fix(&Fix { lat_deg: 10.0, ..wrong }, None);
    (1..20).for_each(|t| intake.fix(&fix(f64::from(t)), None));
    drained(&mut intake);
    assert_eq!((intake.counters().fixes_taken, intake.counters().fix_teleport), (18, 2));
}

#[test]
fn given_a_poor_fix_in_the_wrong_place_the_good_one_after_it_is_taken() {
    let mut intake = intake();
    intake.fix(&fix(0.0), None);
    intake.fix(&Fix { lat_deg: fix(0.0).lat_deg - 0.02, hacc_m: Some(1_000.0), ..fix(240.0) }, None);
    intake.fix(&Fix { lat_deg: fix(0.0).lat_deg + 0.02, ..fix(245.0) }, None);
    drained(&mut intake);
    assert_eq!((intake.counters().fixes_taken, intake.counters().fix_teleport), (3, 0));
}

#[test]
fn given_a_cached_fix_sent_again_and_again_it_counts_once() {
    let mut intake = intake();
    intake.fix(&fix(1.0), None);
    intake.fix(&fix(1.0), None);
    for t in 2..10 {
        let cached = Fix { t: MonoTime::from_seconds(f64::from(t)), ..fix(1.0) };
        intake.fix(&cached, None);
    }
    drained(&mut intake);
    let c = intake.counters();
    assert_eq!((c.fixes_taken, c.fix_duplicate, c.fix_repeated), (1, 1, 8));
}

#[test]
fn given_one_time_stamp_far_ahead_it_alone_is_refused() {
    let mut intake = intake();
    (0..100).for_each(|i| intake.imu(&[sample(f64::from(i) * 0.01)]));
    intake.imu(&[sample(1e9)]);
    (100..200).for_each(|i| intake.imu(&[sample(f64::from(i) * 0.01)]));
    intake.settle();
    assert_eq!(drained(&mut intake).len(), 200);
    assert_eq!((intake.counters().imu_leap, intake.counters().imu_late), (1, 0));
}

#[test]
fn given_a_silence_of_a_week_what_comes_then_is_taken() {
    let mut intake = intake();
    intake.imu(&[sample(0.0)]);
    (0..10).for_each(|i| intake.imu(&[sample(604_800.0 + f64::from(i))]));
    assert_eq!(drained(&mut intake).len(), 11);
    assert_eq!(intake.counters().imu_holes, 1);
}

#[test]
fn given_a_late_signal_it_counts_from_now_on() {
    let mut intake = intake();
    for i in 0..30 {
        intake.imu(&[sample(f64::from(i))]);
        intake.settle();
        taken(&mut intake);
    }
    intake.other(MonoTime::from_seconds(3.0), Item::Signal(Signal::Screen(true)));
    let out = drained(&mut intake);
    assert!(matches!(&out[0], Next::Other(t, Item::Signal(_)) if *t == MonoTime::from_seconds(19.0)), "{out:?}");
    assert_eq!(intake.counters().signals_late, 1);
}

#[test]
fn given_a_refused_fix_between_samples_what_follows_it_still_waits_its_turn() {
    let mut intake = intake();
    (0..10).for_each(|i| intake.imu(&[sample(f64::from(i) + 0.5)]));
    [2.0, 2.0, 6.0].into_iter().for_each(|t_s| intake.fix(&fix(t_s), None));
    let times: Vec<MonoTime> = drained(&mut intake)
        .into_iter()
        .map(|next| match next {
            Next::Imu(s) => s.t,
            Next::Other(t, _) => t,
        })
        .collect();
    assert_eq!((times.len(), intake.counters().fix_duplicate), (12, 1));
    assert!(times.is_sorted(), "{times:?}");
}

#[test]
fn given_far_too_many_samples_memory_stays_bounded() {
    let mut intake = intake();
    (0..100_000).for_each(|i| {
        intake.imu(&[sample(f64::from(i) * 1e-5)]);
        intake.settle();
        taken(&mut intake);
    });
    assert!(intake.counters().forced > 0);
    assert_eq!(drained(&mut intake).len() as u64 + 94_000, 100_000);
}

proptest! {
    /// However the streams are interleaved and batched, within `max_lateness_s` of each other, the same comes out. (A
    /// batch of up to 1.2 s comes with its last sample, and the first must not be late either.)
    #[test]
    fn order_of_arrival_does_not_matter(imu_delay in 0.0..8.7f64, fix_delay in 0.0..9.5f64, batch in 1usize..120) {
        let reference = {
            let mut intake = intake();
            (0..3000).for_each(|i| intake.imu(&[sample(f64::from(i) * 0.01)]));
            (0..30).for_each(|i| intake.fix(&fix(f64::from(i)), None));
            drained(&mut intake)
        };
        let mut arrivals: Vec<(f64, Result<Vec<ImuSample>, Fix>)> = Vec::new();
        for chunk in (0..3000).collect::<Vec<_>>().chunks(batch) {
            let samples: Vec<_> = chunk.iter().map(|i| sample(f64::from(*i) * 0.01)).collect();
            arrivals.push((f64::from(*chunk.last().unwrap()) * 0.01 + imu_delay, Ok(samples)));
        }
        arrivals.extend((0..30).map(|i| (f64::from(i) + fix_delay, Err(fix(f64::from(i))))));
        arrivals.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut intake = intake();
        let mut out = Vec::new();
        for (_, input) in arrivals {
            match input {
                Ok(samples) => intake.imu(&samples),
                Err(f) => intake.fix(&f, None),
            }
            intake.settle();
            out.extend(taken(&mut intake));
        }
        out.extend(drained(&mut intake));
        prop_assert_eq!(out, reference);
    }

    /// Whatever comes, what goes on is finite, in order, and every input is accounted for.
    #[test]
    fn nothing_is_lost_silently(inputs in prop::collection::vec((any::<i64>(), any::<f32>(), any::<f64>(), any::<f64>(), any::<bool>()), 0..200)) {
        let mut intake = intake();
        let n = inputs.len() as u64;
        let mut last = MonoTime::MIN;
        let mut check = |next: Next| {
            let t = match next {
                Next::Imu(s) => { assert!(s.force_mps2.iter().all(|x| x.is_finite())); s.t }
                Next::Other(t, Item::Fix(f)) => { assert!(f.lat_deg.is_finite() && f.lat_deg.abs() <= 90.0); t }
                Next::Other(t, _) => t,
            };
            assert!(t >= last);
            last = t;
        };
        for (t, x, lat, lon, is_imu) in inputs {
            if is_imu {
                intake.imu(&[ImuSample { t: MonoTime(t), force_mps2: [x, 1.0, x], rate_rad_s: Some([x, x, 0.0]) }]);
            } else {
                intake.fix(&Fix { t: MonoTime(t), lat_deg: lat, lon_deg: lon, hacc_m: Some(x), ..fix(0.0) }, Some(t));
            }
            intake.settle();
            taken(&mut intake).into_iter().for_each(&mut check);
        }
        drained(&mut intake).into_iter().for_each(&mut check);
        let c = intake.counters();
        let told = c.imu_taken + c.imu_not_finite + c.imu_out_of_range + c.imu_late + c.imu_duplicate + c.imu_leap
            + c.fixes_taken + c.fix_not_finite + c.fix_out_of_range + c.fix_zero_zero + c.fix_negative_accuracy
            + c.fix_mock + c.fix_late + c.fix_stale + c.fix_duplicate + c.fix_repeated + c.fix_teleport + c.fix_leap;
        prop_assert_eq!(told, n);
    }
}
