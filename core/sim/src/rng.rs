//! Seeded randomness that is the same on every machine: xoshiro256++ (Blackman and Vigna 2019) seeded by splitmix64.
//! Each part of the world draws from a stream of its own, so that a change in one leaves the others as they were.

/// Who draws. The number is part of the seed: append only.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stream {
    Scenario = 1,
    Road = 2,
    Driver = 3,
    Body = 4,
    Phone = 5,
    Imu = 6,
    Gnss = 7,
    Signals = 8,
    Person = 9,
}

/// A generator.
#[derive(Clone, Debug)]
pub(crate) struct Rng {
    s: [u64; 4],
}

impl Rng {
    /// The stream of one part of the world in its `index`-th use.
    pub fn stream(seed: u64, stream: Stream, index: u64) -> Self {
        let mut x =
            seed ^ (stream as u64).wrapping_mul(0xA076_1D64_78BD_642F) ^ index.wrapping_mul(0xE703_7ED1_A0B4_28DB);
        Self { s: [(); 4].map(|()| splitmix(&mut x)) }
    }

    pub fn u64(&mut self) -> u64 {
        let [a, b, c, d] = self.s;
        let out = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c2, d2) = (c ^ a, d ^ b);
        self.s = [a ^ d2, b ^ c2, c2 ^ (b << 17), d2.rotate_left(45)];
        out
    }

    /// 0 ≤ x < 1
    pub fn unit(&mut self) -> f64 {
        (self.u64() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    pub fn range(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// low ≤ n ≤ high
    pub fn whole(&mut self, low: u64, high: u64) -> u64 {
        low + self.u64() % (high - low + 1)
    }

    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// −1 or 1
    pub fn sign(&mut self) -> f64 {
        if self.u64() >> 63 == 0 { 1.0 } else { -1.0 }
    }

    /// Standard normal, by Box and Muller: for what is drawn rarely and may have tails.
    pub fn normal(&mut self) -> f64 {
        let r = (-2.0 * libm::log(1.0 - self.unit())).sqrt();
        r * libm::cos(core::f64::consts::TAU * self.unit())
    }

    /// Nearly standard normal, as the sum of four uniform 16-bit parts: ends at 3.46 sigma, costs two nanoseconds.
    pub fn noise(&mut self) -> f64 {
        let x = self.u64();
        let sum = (x & 0xFFFF) + ((x >> 16) & 0xFFFF) + ((x >> 32) & 0xFFFF) + (x >> 48);
        (sum as f64 - 131_070.0) * (1.0 / 37_837.227)
    }

    /// The time to the next of events that come at `rate` a second.
    pub fn wait(&mut self, rate: f64) -> f64 {
        if rate <= 0.0 { f64::INFINITY } else { -libm::log(1.0 - self.unit()) / rate }
    }
}

fn splitmix(x: &mut u64) -> u64 {
    *x = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *x;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_and_sd(mut draw: impl FnMut() -> f64) -> (f64, f64) {
        let n = 100_000;
        let xs: Vec<f64> = (0..n).map(|_| draw()).collect();
        let mean = xs.iter().sum::<f64>() / f64::from(n);
        (mean, (xs.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / f64::from(n)).sqrt())
    }

    #[test]
    fn draws_have_the_moments_they_claim() {
        let mut rng = Rng::stream(1, Stream::Imu, 0);
        let quick = mean_and_sd(|| rng.noise());
        let exact = mean_and_sd(|| rng.normal());
        for (mean, sd) in [quick, exact] {
            assert!(mean.abs() < 0.015 && (sd - 1.0).abs() < 0.015, "{mean} {sd}");
        }
        let (mean, _) = mean_and_sd(|| rng.wait(0.25));
        assert!((mean - 4.0).abs() < 0.1);
    }

    #[test]
    fn streams_differ_and_repeat() {
        let mut first = [Stream::Road, Stream::Driver, Stream::Road].map(|s| Rng::stream(9, s, 0).u64());
        assert_eq!(first[0], first[2]);
        first.sort_unstable();
        assert_ne!(first[0], first[2]);
        assert_ne!(Rng::stream(9, Stream::Road, 1).u64(), Rng::stream(9, Stream::Road, 0).u64());
    }
}
