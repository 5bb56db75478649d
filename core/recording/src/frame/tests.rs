use milepost_engine::contract::Input;
use milepost_engine::parse::{self, Named};
use milepost_engine::sample::{Clock, Command, Fix, ImuSample, MonoTime, Signal};
use proptest::prelude::*;

use super::*;

fn some_f32() -> impl Strategy<Value = f32> {
    prop_oneof![any::<f32>(), Just(f32::NAN), Just(f32::INFINITY), Just(-0.0)]
}

fn sample() -> impl Strategy<Value = ImuSample> {
    (any::<i64>(), prop::array::uniform3(some_f32()), prop::option::of(prop::array::uniform3(some_f32())))
        .prop_map(|(t, force_mps2, rate_rad_s)| ImuSample { t: MonoTime(t), force_mps2, rate_rad_s })
}

fn unless_min(t: i64) -> Option<i64> {
    (t != i64::MIN).then_some(t)
}

fn fix() -> impl Strategy<Value = Fix> {
    let optional = || prop::option::of(some_f32());
    let head = (any::<i64>(), any::<f64>(), any::<f64>(), optional(), optional(), optional(), optional());
    (head, any::<i64>(), any::<i64>(), any::<bool>()).prop_map(
        |((t, lat_deg, lon_deg, alt_m, speed_mps, bearing_deg, hacc_m), arrived, wall_ms, mock)| Fix {
            t: MonoTime(t),
            lat_deg,
            lon_deg,
            alt_m,
            speed_mps,
            bearing_deg,
            hacc_m,
            arrived: unless_min(arrived).map(MonoTime),
            wall_ms: unless_min(wall_ms),
            mock,
        },
    )
}

fn named() -> impl Strategy<Value = Input> {
    let rows = prop_oneof![
        Just(("activity", "walking".to_owned())),
        Just(("call", "hands_free".to_owned())),
        Just(("permission", "while_in_use:reduced".to_owned())),
        any::<u64>().prop_map(|n| ("steps", n.to_string())),
        (0.0f32..300.0).prop_map(|v| ("speed_limit_mps", v.to_string())),
        Just(("speed_limit_mps", String::new())),
        "\\PC{0,40}".prop_map(|name| ("vehicle_audio", format!("connected:{name}"))),
        "\\PC{0,40}".prop_map(|tag| ("tag", tag)),
        Just(("command", "stop_trip".to_owned())),
    ];
    (any::<i64>(), rows, prop::option::of(0.0f32..=1.0)).prop_map(|(t, (kind, value), confidence)| match parse::parse(
        kind, &value, confidence,
    )
    .unwrap()
    {
        Named::Signal(signal) => Input::Signal(MonoTime(t), signal),
        Named::Command(command) => Input::Command(MonoTime(t), command),
    })
}

fn clock() -> impl Strategy<Value = Clock> {
    (any::<i64>(), any::<i64>(), "\\PC{0,40}", prop::option::of(-900i32..900)).prop_map(
        |(mono, wall, boot_id, utc_offset_min)| Clock {
            mono: MonoTime(mono),
            wall_ms: unless_min(wall),
            boot_id,
            utc_offset_min,
        },
    )
}

pub(crate) fn input() -> impl Strategy<Value = Input> {
    prop_oneof![
        prop::collection::vec(sample(), 0..20).prop_map(Input::Imu),
        fix().prop_map(Input::Fix),
        named(),
        clock().prop_map(Input::Clock),
        any::<i64>().prop_map(|t| Input::Tick(MonoTime(t))),
        Just(Input::End),
    ]
}

/// NaN is not equal to itself; its text is.
fn text(inputs: &[Input]) -> String {
    format!("{inputs:?}")
}

proptest! {
    #[test]
    fn what_goes_in_comes_out(inputs in prop::collection::vec(input(), 1..20)) {
        let mut buffer = Vec::new();
        inputs.iter().for_each(|input| encode(input, &mut buffer));
        let back: Vec<Input> = decode(&buffer).collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(text(&back), text(&inputs));
        let mut again = Vec::new();
        back.iter().for_each(|input| encode(input, &mut again));
        prop_assert_eq!(again, buffer);
    }

    #[test]
    fn random_bytes_never_panic_and_always_end(mut bytes in prop::collection::vec(any::<u8>(), 0..400), version: bool) {
        if version && let Some(first) = bytes.first_mut() {
            *first = VERSION;
        }
        prop_assert!(decode(&bytes).count() <= bytes.len() + 1);
    }

    #[test]
    fn a_flipped_byte_or_a_cut_never_panics(input in input(), at: prop::sample::Index, flip: u8, cut: prop::sample::Index) {
        let mut buffer = Vec::new();
        encode(&input, &mut buffer);
        let i = at.index(buffer.len());
        buffer[i] ^= flip;
        buffer.truncate(cut.index(buffer.len() + 1));
        decode(&buffer).for_each(|result| if let Err(e) = result { assert!(!e.to_string().contains('\n')) });
    }
}

fn error(bytes: &[u8]) -> String {
    decode(bytes).find_map(Result::err).unwrap().to_string()
}

#[test]
fn errors_name_the_frame_and_what_is_wrong() {
    assert_eq!(error(&[]), "frame 0: the buffer is empty, it should begin with a version byte");
    assert_eq!(error(&[9]), "frame 0: the layout has version 9, this library reads version 1");
    assert_eq!(error(&[1, 0, 0]), "frame 1: 2 bytes are left, a frame's header has 5");
    assert_eq!(error(&[1, 9, 0, 0, 0, 5, 1]), "frame 1: the body should have 9 bytes, 1 are left");
    assert_eq!(error(&[1, 0, 0, 0, 0, 6, 0, 0, 0, 0, 77]), "frame 2: unknown kind 77");
    assert_eq!(error(&[1, 1, 0, 0, 0, 1, 0]), "frame 1: an IMU batch of 1 bytes");
    let mut buffer = Vec::new();
    encode(&Input::Command(MonoTime(5), Command::Tag("ab".into())), &mut buffer);
    let last = buffer.len() - 1;
    buffer[last] = 0xff;
    assert_eq!(error(&buffer), "frame 1: the text of a named value is not UTF-8");
    buffer[14] = 99;
    assert_eq!(error(&buffer), "frame 1: unknown code 99 of a named value");
}

#[test]
fn a_bad_body_does_not_hide_the_next_frame() {
    let mut buffer = vec![VERSION, 1, 0, 0, 0, 1, 0];
    encode(&Input::Tick(MonoTime(7)), &mut buffer);
    let results: Vec<_> = decode(&buffer).collect();
    assert!(results[0].is_err());
    assert_eq!(results[1], Ok(Input::Tick(MonoTime(7))));
    assert_eq!(results.len(), 2);
}

#[test]
fn a_version_alone_holds_nothing() {
    assert_eq!(decode(&[VERSION]).count(), 0);
}

#[test]
fn a_large_batch_becomes_several_frames() {
    let sample = ImuSample { t: MonoTime(1), force_mps2: [0.0; 3], rate_rad_s: None };
    let mut buffer = Vec::new();
    encode(&Input::Imu(vec![sample; MAX_SAMPLES * 2 + 1]), &mut buffer);
    let sizes: Vec<usize> = decode(&buffer)
        .map(|input| match input {
            Ok(Input::Imu(samples)) => samples.len(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(sizes, [MAX_SAMPLES, MAX_SAMPLES, 1]);
}

#[test]
fn not_measured_and_measured_as_nan_stay_apart() {
    let mut buffer = Vec::new();
    for rate_rad_s in [None, Some([f32::NAN; 3]), Some([0.1, f32::NAN, 0.2])] {
        encode(&Input::Imu(vec![ImuSample { t: MonoTime(1), force_mps2: [0.0; 3], rate_rad_s }]), &mut buffer);
    }
    let gyros: Vec<bool> = decode(&buffer)
        .map(|input| matches!(input, Ok(Input::Imu(samples)) if samples[0].rate_rad_s.is_some()))
        .collect();
    assert_eq!(gyros, [false, true, true]);
}

/// `docs/ffi.md` shows an example and all codes.
#[test]
fn the_layout_is_what_the_page_says() {
    let mut buffer = Vec::new();
    encode(&Input::Signal(MonoTime(2), Signal::Screen(true)), &mut buffer);
    let hex: Vec<String> = buffer.iter().map(|byte| format!("{byte:02x}")).collect();
    let page = include_str!("../../../../docs/ffi.md");
    assert!(page.split_whitespace().collect::<Vec<_>>().join(" ").contains(&hex.join(" ")));
    for (code, kind) in KINDS.iter().enumerate() {
        assert!(page.contains(&format!("{code} `{kind}`")), "{kind}");
    }
}
