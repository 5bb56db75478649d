//! The records of the page: of each the highest revision, within their share of the page. What does not fit is counted.

use std::collections::BTreeMap;

use milepost_engine::Uuid;
use milepost_engine::record::{Body, Record};
use serde_json::value::RawValue;

use super::budget::{RECORD_BYTES, WAVEFORM_BYTES};
use super::html::escaped_len;

/// Records by id.
#[derive(Default)]
pub struct Records {
    held: BTreeMap<Uuid, Held>,
    bytes: usize,
    waveform_bytes: usize,
    left_out: u64,
    waveforms_left_out: u64,
}

struct Held {
    json: String,
    /// What it takes of the shares.
    bytes: usize,
    waveform_bytes: usize,
}

impl Records {
    /// Takes a record; a later revision replaces an earlier one.
    pub fn push(&mut self, record: &Record) {
        let before = self.held.remove(&record.id);
        if let Some(before) = &before {
            self.bytes -= before.bytes;
            self.waveform_bytes -= before.waveform_bytes;
        }
        let mut json = record.to_json();
        let mut waveform_bytes = 0;
        if let Body::Event(event) = &record.body
            && event.evidence.is_some()
        {
            let mut without = record.clone();
            if let Body::Event(event) = &mut without.body {
                event.evidence = None;
            }
            let plain = without.to_json();
            waveform_bytes = escaped_len(&json).saturating_sub(escaped_len(&plain));
            if self.waveform_bytes + waveform_bytes > WAVEFORM_BYTES {
                self.waveforms_left_out += 1;
                waveform_bytes = 0;
                json = plain;
            }
        }
        let bytes = match &record.body {
            // The frame of everything: always there.
            Body::Trip(_) | Body::Score(_) | Body::Summary(_) => 0,
            Body::Stop(_) | Body::Event(_) | Body::Gap(_) | Body::Window(_) | Body::Health(_) => {
                escaped_len(&json).saturating_sub(waveform_bytes)
            }
        };
        if self.bytes + bytes > RECORD_BYTES {
            self.left_out += u64::from(before.is_none());
            return;
        }
        self.bytes += bytes;
        self.waveform_bytes += waveform_bytes;
        self.held.insert(record.id, Held { json, bytes, waveform_bytes });
    }

    /// Records and waveforms that had no room.
    pub fn left_out(&self) -> (u64, u64) {
        (self.left_out, self.waveforms_left_out)
    }

    /// The lines as they are in `records.jsonl`, but for waveforms that had no room.
    pub fn into_json(self) -> Result<Vec<Box<RawValue>>, serde_json::Error> {
        self.held.into_values().map(|held| RawValue::from_string(held.json)).collect()
    }
}

#[cfg(test)]
pub mod tests {
    use milepost_engine::id::{IdKind, uuid7};
    use milepost_engine::record::{EventBody, EventStatus, EventType, Evidence, GapBody};
    use milepost_engine::sample::MonoTime;

    use super::*;

    pub fn record(number: u64, rev: u32, body: Body) -> Record {
        Record {
            id: uuid7(1, IdKind::Gap, number, 0),
            rev,
            seq: number,
            t: MonoTime(0),
            occurred_at_ms: None,
            utc_offset_min: None,
            driver_id: None,
            vehicle_id: None,
            body,
        }
    }

    pub fn event(samples: usize) -> Body {
        let t = MonoTime(0).into();
        let column = vec![-123; samples];
        Body::Event(Box::new(EventBody {
            trip_id: None,
            kind: EventType::HarshBraking,
            start_t_s: t,
            peak_t_s: t,
            end_t_s: t,
            peak_mps2: None,
            speed_in_mps: None,
            speed_out_mps: None,
            heading_change_deg: None,
            severity: None,
            threshold_mps2: None,
            band_s: None,
            over_band_s: None,
            over_band_m: None,
            cancelled: None,
            weighed: None,
            confidence: 1.0,
            status: EventStatus::Confirmed,
            position: None,
            limit_mps: None,
            over_mps: None,
            distance_m: None,
            evidence: Some(Evidence {
                rate_hz: 25.0,
                t0_s: t,
                a_long_cmps2: column.clone(),
                a_lat_cmps2: column.clone(),
                a_vert_cmps2: column,
            }),
        }))
    }

    #[test]
    fn the_highest_revision_is_kept_once() {
        let gap = |cause| Body::Gap(GapBody { start_t_s: MonoTime(0).into(), end_t_s: MonoTime(1).into(), cause });
        let mut records = Records::default();
        records.push(&record(1, 1, gap("no_input")));
        records.push(&record(2, 1, gap("planned")));
        records.push(&record(1, 2, gap("reboot")));
        assert_eq!(records.bytes, records.held.values().map(|h| h.json.len()).sum::<usize>());
        let text = serde_json::to_string(&records.into_json().unwrap()).unwrap();
        assert!(text.contains("reboot") && text.contains("planned") && !text.contains("no_input"));
    }

    #[test]
    fn waveforms_go_first_and_all_of_it_stays_within_the_budget() {
        let mut records = Records::default();
        for number in 0..10_000 {
            records.push(&record(number, 1, event(150)));
        }
        let (left_out, waveforms) = records.left_out();
        assert!(waveforms > left_out && left_out > 0, "{left_out} {waveforms}");
        assert_eq!(records.held.len() as u64 + left_out, 10_000);
        let with = records.held.values().filter(|h| h.waveform_bytes > 0).count() as u64;
        assert_eq!(with + waveforms, 10_000);
        let bytes: usize = records.held.values().map(|h| h.json.len()).sum();
        assert!(bytes <= RECORD_BYTES + WAVEFORM_BYTES, "{bytes}");
    }
}
