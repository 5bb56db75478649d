//! One IMU stream of several sensors' files: forces and rates come with times of their own. Samples are handed out at the
//! times of the accelerometer; the others are interpolated between their neighbours. Units and signs are the formats'.

use milepost_engine::sample::{ImuSample, MonoTime, NS_PER_S};

use super::error::ImportError;
use super::order::{InOrder, Rows, Scan, Timed};

/// Over a longer hole nothing is known of what was between: the gyroscope of a 5 Hz recording is just within it.
const MAX_HOLE_NS: i64 = NS_PER_S / 4;

/// Three axes of a sensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Three {
    pub(crate) t: MonoTime,
    pub(crate) xyz: [f64; 3],
}

impl Timed for Three {
    fn t(&self) -> MonoTime {
        self.t
    }
}

/// A sensor's file: opened as often as needed, read in order.
pub(crate) struct Sensor<'a> {
    file: &'a str,
    rows: Box<dyn Fn() -> Result<Rows<Three>, ImportError> + 'a>,
    scan: Scan,
}

impl<'a> Sensor<'a> {
    /// Reads all rows once.
    pub(crate) fn open(
        file: &'a str,
        rows: impl Fn() -> Result<Rows<Three>, ImportError> + 'a,
    ) -> Result<Self, ImportError> {
        let scan = Scan::of(rows()?)?;
        Ok(Self { file, rows: Box::new(rows), scan })
    }

    fn read(&self) -> Result<InOrder<Three>, ImportError> {
        Ok(InOrder::new(self.file, (self.rows)()?, &self.scan))
    }
}

/// What the accelerometer says, plus gravity where it is in a file of its own, with the rates of the gyroscope.
pub(crate) fn samples(
    force: &Sensor<'_>,
    gravity: Option<&Sensor<'_>>,
    rates: Option<&Sensor<'_>>,
) -> Result<Rows<ImuSample>, ImportError> {
    let mut force = force.read()?;
    let mut gravity = gravity.map(|sensor| sensor.read().map(Between::new)).transpose()?;
    let mut rates = rates.map(|sensor| sensor.read().map(Between::new)).transpose()?;
    let mut sample = move || -> Result<Option<ImuSample>, ImportError> {
        while let Some(Three { t, xyz }) = force.next().transpose()? {
            let xyz = match &mut gravity {
                None => xyz,
                Some(gravity) => match gravity.at(t)? {
                    Some([gx, gy, gz]) => {
                        let [x, y, z] = xyz;
                        [x + gx, y + gy, z + gz]
                    }
                    // Without gravity it is no specific force.
                    None => continue,
                },
            };
            let rate = match &mut rates {
                Some(rates) => rates.at(t)?,
                None => None,
            };
            let to_f32 = |xyz: [f64; 3]| xyz.map(|v| v as f32);
            return Ok(Some(ImuSample { t, force_mps2: to_f32(xyz), rate_rad_s: rate.map(to_f32) }));
        }
        Ok(None)
    };
    Ok(Box::new(std::iter::from_fn(move || sample().transpose())))
}

/// A sensor between its readings.
struct Between {
    rows: InOrder<Three>,
    before: Option<Three>,
    after: Option<Three>,
    ended: bool,
}

impl Between {
    fn new(rows: InOrder<Three>) -> Self {
        Self { rows, before: None, after: None, ended: false }
    }

    /// Its value at a time that never runs back.
    fn at(&mut self, t: MonoTime) -> Result<Option<[f64; 3]>, ImportError> {
        while !self.ended && self.after.is_none_or(|after| after.t < t) {
            self.before = self.after.or(self.before);
            self.after = self.rows.next().transpose()?;
            self.ended = self.after.is_none();
        }
        Ok(match (self.before, self.after) {
            (_, Some(after)) if after.t == t => Some(after.xyz),
            (Some(before), Some(after)) if after.t.0.saturating_sub(before.t.0) <= MAX_HOLE_NS => {
                let part = t.since(before.t) / after.t.since(before.t);
                let ([ax, ay, az], [bx, by, bz]) = (before.xyz, after.xyz);
                Some([ax + part * (bx - ax), ay + part * (by - ay), az + part * (bz - az)])
            }
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sensor(rows: &'static [(i64, f64)]) -> Sensor<'static> {
        let rows = move || -> Result<Rows<Three>, ImportError> {
            Ok(Box::new(rows.iter().map(|(ms, x)| Ok(Three { t: MonoTime(ms * 1_000_000), xyz: [*x, 0.0, 1.0] }))))
        };
        Sensor::open("a.csv", rows).unwrap()
    }

    #[test]
    fn rates_are_interpolated_and_unknown_over_holes_and_beyond_the_ends() {
        let force = sensor(&[(0, 1.0), (10, 1.0), (15, 1.0), (20, 1.0), (500, 1.0), (1000, 1.0), (1001, 1.0)]);
        let rates = sensor(&[(20, 2.0), (10, 1.0), (1000, 5.0)]);
        let rows: Vec<ImuSample> = samples(&force, None, Some(&rates)).unwrap().map(Result::unwrap).collect();
        let x: Vec<Option<f32>> = rows.iter().map(|s| s.rate_rad_s.map(|[x, ..]| x)).collect();
        assert_eq!(x, [None, Some(1.0), Some(1.5), Some(2.0), None, Some(5.0), None]);
    }

    #[test]
    fn gravity_is_added_and_samples_without_it_are_left_out() {
        let (linear, gravity) = (sensor(&[(0, 1.0), (10, 2.0), (20, 3.0)]), sensor(&[(10, 9.0), (30, 9.0)]));
        let rows: Vec<ImuSample> = samples(&linear, Some(&gravity), None).unwrap().map(Result::unwrap).collect();
        assert_eq!(rows.iter().map(|s| s.force_mps2).collect::<Vec<_>>(), [[11.0, 0.0, 2.0], [12.0, 0.0, 2.0]]);
    }
}
