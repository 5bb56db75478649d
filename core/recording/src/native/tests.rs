use milepost_engine::sample::{ImuSample, MonoTime};
use proptest::prelude::*;

use super::*;
use crate::frame::tests::input;

fn header() -> Header {
    let config = serde_json::json!({"preset": "courier", "stop_timeout_s": 300.0}).as_object().unwrap().clone();
    Header {
        config,
        seed: u64::MAX,
        utc_offset_min: Some(-300),
        first_seq: 7,
        snapshot_version: 1,
        ..Header::default()
    }
}

fn written(inputs: &[Input]) -> Vec<u8> {
    let mut writer = Writer::create(Vec::new(), &header()).unwrap();
    inputs.iter().for_each(|input| writer.push(input).unwrap());
    writer.finish().unwrap()
}

fn read(bytes: &[u8]) -> (Vec<Input>, Option<Cut>) {
    let mut reader = Reader::open(bytes).unwrap();
    let inputs = reader.by_ref().collect::<Result<_, _>>().unwrap();
    (inputs, reader.cut())
}

fn batch(t: i64, samples: usize) -> Input {
    let at = |i| ImuSample { t: MonoTime(t + i as i64), force_mps2: [0.1, i as f32, 9.8], rate_rad_s: None };
    Input::Imu((0..samples).map(at).collect())
}

/// Three blocks: each flushed on its own.
fn three_blocks() -> (Vec<u8>, Vec<usize>) {
    let mut writer = Writer::create(Vec::new(), &header()).unwrap();
    let mut ends = vec![writer.out.len()];
    for block in 0..3 {
        writer.push(&batch(block * 1000, 50)).unwrap();
        writer.flush().unwrap();
        ends.push(writer.out.len());
    }
    (writer.out, ends)
}

proptest! {
    #[test]
    fn what_goes_in_comes_out(inputs in prop::collection::vec(input(), 0..40)) {
        let (back, cut) = read(&written(&inputs));
        prop_assert_eq!(format!("{back:?}"), format!("{inputs:?}"));
        prop_assert_eq!(cut, None);
    }

    #[test]
    fn any_bytes_after_the_magic_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut file = MAGIC.to_vec();
        file.extend_from_slice(&bytes);
        if let Ok(reader) = Reader::open(file.as_slice()) {
            prop_assert!(reader.count() < 300);
        }
    }

    #[test]
    fn a_changed_byte_never_panics_and_never_invents(at: prop::sample::Index, flip in 1u8..) {
        let (mut file, ends) = three_blocks();
        let whole = read(&file).0;
        let at = at.index(file.len());
        file[at] ^= flip;
        match Reader::open(file.as_slice()) {
            Ok(mut reader) => {
                let inputs: Vec<_> = reader.by_ref().map(Result::unwrap).collect();
                let good = ends.iter().filter(|end| **end <= at).count() - 1;
                prop_assert_eq!(inputs.as_slice(), &whole[..good]);
                prop_assert_eq!(reader.cut().unwrap().at, ends[good] as u64);
            }
            Err(e) => prop_assert!(at < ends[0] && !e.to_string().contains('\n')),
        }
    }
}

#[test]
fn the_header_comes_back() {
    assert_eq!(Reader::open(written(&[]).as_slice()).unwrap().header(), &header());
}

#[test]
fn given_a_file_cut_anywhere_when_read_then_the_whole_blocks_are_there_and_the_cut_is_reported() {
    let (file, ends) = three_blocks();
    for len in ends[0]..=file.len() {
        let (inputs, cut) = read(&file[..len]);
        let whole = ends.iter().filter(|end| **end <= len).count() - 1;
        assert_eq!(inputs.len(), whole);
        let expected = (len != ends[whole]).then_some(Cut { at: ends[whole] as u64, reason: CutReason::Torn });
        assert_eq!(cut, expected);
    }
}

#[test]
fn given_a_torn_tail_when_appended_behind_the_last_whole_block_then_all_of_it_is_read() {
    let (mut file, ends) = three_blocks();
    file.truncate(ends[3] - 1);
    file.truncate(usize::try_from(read(&file).1.unwrap().at).unwrap());
    let mut writer = Writer::append(file).unwrap();
    writer.push(&Input::Tick(MonoTime(5))).unwrap();
    let (inputs, cut) = read(&writer.finish().unwrap());
    assert_eq!((inputs.len(), inputs.last(), cut), (3, Some(&Input::Tick(MonoTime(5))), None));
}

#[test]
fn given_a_tail_of_zeros_when_read_then_it_is_cut() {
    let (mut file, ends) = three_blocks();
    file.extend_from_slice(&[0; 4096]);
    assert_eq!(read(&file).1, Some(Cut { at: ends[3] as u64, reason: CutReason::Length }));
}

#[test]
fn blocks_are_sealed_by_size_and_no_input_overfills_one() {
    let mut writer = Writer::create(Vec::new(), &header()).unwrap();
    writer.push(&batch(0, 100_000)).unwrap();
    assert!(writer.out.len() > 100_000, "nothing was sealed");
    let (inputs, cut) = read(&writer.finish().unwrap());
    let samples: usize = inputs.iter().map(|i| if let Input::Imu(s) = i { s.len() } else { 0 }).sum();
    assert_eq!((samples, cut), (100_000, None));
}

#[test]
fn other_files_are_refused_in_one_line() {
    let error = |bytes: &[u8]| Reader::open(bytes).err().unwrap().to_string();
    assert_eq!(error(b""), "is no recording: it begins with other bytes");
    assert_eq!(error(b"t_s,ax"), "is no recording: it begins with other bytes");
    assert_eq!(error(&MAGIC), "the header is damaged: the file ends in it");
    let mut file = written(&[]);
    file.truncate(30);
    assert_eq!(error(&file), "the header is damaged: the file ends in it");
    file[8] = 2;
    assert_eq!(error(&file), "has format version 2, this library reads up to 1");
    let mut file = written(&[]);
    file[20] ^= 1;
    assert_eq!(error(&file), "the header is damaged: its checksum is wrong");
}

#[test]
fn a_frame_of_a_newer_version_is_an_error_and_not_a_cut() {
    let mut writer = Writer::create(Vec::new(), &header()).unwrap();
    writer.raw.extend_from_slice(&[frame::VERSION, 0, 0, 0, 0, 200]);
    let file = writer.finish().unwrap();
    let error = Reader::open(file.as_slice()).unwrap().next().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "block 1: frame 1: unknown kind 200");
}
