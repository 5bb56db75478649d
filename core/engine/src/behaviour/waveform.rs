//! The evidence of a manoeuvre: its acceleration at 25 Hz with a second before and after, in whole cm/s².

use super::Waveform;
use super::moment::Moment;

/// Between two samples of a waveform.
const STEP_S: f64 = 0.04;
/// Shown before and after.
pub(super) const AROUND_S: f64 = 1.0;
/// 16 s: the longest manoeuvre with what is around it.
const LONGEST: usize = 400;

/// Of moments in order of time; slower input is interpolated.
pub(super) fn waveform(mut moments: impl Iterator<Item = Moment>) -> Option<Waveform> {
    let mut before = moments.next()?;
    let mut out = Waveform { t0: before.t, ..Waveform::default() };
    let mut t = before.t;
    push(&mut out, before.raw_mps2);
    for m in moments {
        let span = m.t.since(before.t);
        while t.plus(STEP_S) <= m.t.plus(STEP_S * 0.25) && out.long_cmps2.len() < LONGEST {
            t = t.plus(STEP_S);
            let part = if span > 0.0 { (t.since(before.t) / span).clamp(0.0, 1.0) } else { 1.0 };
            let ([a0, a1, a2], [b0, b1, b2]) = (before.raw_mps2, m.raw_mps2);
            push(&mut out, [a0 + part * (b0 - a0), a1 + part * (b1 - a1), a2 + part * (b2 - a2)]);
        }
        before = m;
    }
    Some(out)
}

fn push(out: &mut Waveform, [long, lat, vert]: [f64; 3]) {
    let cm = |x: f64| (x * 100.0).round() as i32;
    out.long_cmps2.push(cm(long));
    out.lat_cmps2.push(cm(lat));
    out.vert_cmps2.push(cm(vert));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::MonoTime;

    #[test]
    fn five_hertz_become_twenty_five_and_a_gap_stays_bounded() {
        let at = |t: f64, a: f64| Moment { t: MonoTime::from_seconds(t), raw_mps2: [a, 0.0, 0.0], ..Moment::default() };
        let slow: Vec<_> = (0..6).map(|i| at(f64::from(i) * 0.2, f64::from(i))).collect();
        let w = waveform(slow.into_iter()).unwrap();
        assert_eq!((w.long_cmps2.len(), w.long_cmps2[0], w.long_cmps2[25], w.long_cmps2[5]), (26, 0, 500, 100));
        let hole = [at(0.0, 0.0), at(1e6, 1.0)];
        assert_eq!(waveform(hole.into_iter()).unwrap().lat_cmps2.len(), LONGEST);
        assert_eq!(waveform([].into_iter()), None);
    }
}
