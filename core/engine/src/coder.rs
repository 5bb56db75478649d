//! Whole numbers as bits, each at a price that what came before has taught: an adaptive binary range coder, and the model
//! of a column of numbers on top of it. What the numbers mean, and what they are told apart by, is `track`'s and
//! `window`'s.
//!
//! The coder is the carry-less one of M. Mahoney's fpaq0 and lpaq1 (2004–2007, mattmahoney.net/dc): an interval of 32 bits
//! is split at the probability of a one, and its leading bytes go out as soon as both ends share them. A probability
//! learns as a KT estimator does (Krichevsky and Trofimov, 1981), and forgets from its 20th bit on. Where several
//! contexts speak, their probabilities are averaged, weighted by the square of how often each was asked. A number is the
//! length of its magnitude in unary, its sign, the bit after the leading one, and the rest at even odds (Elias' gamma,
//! 1975, with learnt odds). Whole numbers only: every machine does the same.

/// Probabilities are out of this.
const ONE: u32 = 1 << 16;
/// Nothing is so certain that its contrary would cost more than eleven bits.
const MIN_CHANCE: u32 = 32;
/// A probability forgets what is longer ago than about so many bits: driving changes by the street.
const MEMORY: u8 = 20;
/// Coded last: whoever decodes something else has got out of step long before.
const MARK: u32 = 0xa5c3;
const MARK_BITS: u32 = 16;
/// Bytes that the decoder is ahead of the encoder when both are done.
const AHEAD: usize = 3;

/// Takes bits in, or gives them back: the models below do the same with either.
pub(crate) trait Coder {
    /// Codes `bit`, or returns the one that was coded; a one has `chance` out of 65 536. `None` when there are no more.
    fn code(&mut self, bit: bool, chance: u32) -> Option<bool>;
}

/// An interval that narrows.
#[derive(Clone, Copy, Debug)]
struct Interval {
    low: u32,
    high: u32,
}

impl Interval {
    const ALL: Self = Self { low: 0, high: u32::MAX };

    fn split(self, chance: u32) -> u32 {
        let chance = chance.clamp(MIN_CHANCE, ONE - MIN_CHANCE);
        self.low + ((u64::from(self.high - self.low) * u64::from(chance)) >> 16) as u32
    }

    fn take(&mut self, bit: bool, middle: u32) {
        if bit { self.high = middle } else { self.low = middle + 1 }
    }

    /// The byte that both ends share, if they do.
    fn shift(&mut self) -> Option<u8> {
        if (self.low ^ self.high) >> 24 != 0 {
            return None;
        }
        let byte = (self.high >> 24) as u8;
        (self.low, self.high) = (self.low << 8, self.high << 8 | 0xff);
        Some(byte)
    }
}

/// Bits in.
#[derive(Debug)]
pub(crate) struct Encoder {
    interval: Interval,
    out: Vec<u8>,
}

impl Encoder {
    /// Appends to `out`.
    pub(crate) fn new(out: Vec<u8>) -> Self {
        Self { interval: Interval::ALL, out }
    }

    /// No more bits.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        even(&mut self, MARK.into(), MARK_BITS);
        // The two ends differ in their first byte: one more than the lower is between them whatever follows.
        self.out.push((self.interval.low >> 24) as u8 + 1);
        self.out
    }
}

impl Coder for Encoder {
    #[inline]
    fn code(&mut self, bit: bool, chance: u32) -> Option<bool> {
        self.interval.take(bit, self.interval.split(chance));
        while let Some(byte) = self.interval.shift() {
            self.out.push(byte);
        }
        Some(bit)
    }
}

/// Bits out.
#[derive(Debug)]
pub(crate) struct Decoder<'a> {
    interval: Interval,
    value: u32,
    bytes: &'a [u8],
    /// Bytes asked for, of those that there are not as well.
    taken: usize,
}

impl<'a> Decoder<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let mut new = Self { interval: Interval::ALL, value: 0, bytes, taken: 0 };
        (0..4).for_each(|_| new.pull());
        new
    }

    fn pull(&mut self) {
        self.value = self.value << 8 | u32::from(self.bytes.get(self.taken).copied().unwrap_or(0));
        self.taken += 1;
    }

    /// Whether these were all bits, and nothing was cut, changed or added on the way.
    pub(crate) fn ends_here(mut self) -> bool {
        even(&mut self, 0, MARK_BITS) == Some(MARK.into()) && self.taken == self.bytes.len() + AHEAD
    }
}

impl Coder for Decoder<'_> {
    #[inline]
    fn code(&mut self, _: bool, chance: u32) -> Option<bool> {
        if self.taken > self.bytes.len() + AHEAD {
            return None;
        }
        let middle = self.interval.split(chance);
        let bit = self.value <= middle;
        self.interval.take(bit, middle);
        while self.interval.shift().is_some() {
            self.pull();
        }
        Some(bit)
    }
}

/// The last `bits` of a number at even odds.
fn even(coder: &mut impl Coder, number: u64, bits: u32) -> Option<u64> {
    (0..bits).rev().try_fold(0, |read, n| Some(read << 1 | u64::from(coder.code(number >> n & 1 == 1, ONE / 2)?)))
}

/// How likely a one is, and how many bits say so.
#[derive(Clone, Copy, Debug)]
struct Odds {
    chance: u16,
    asked: u8,
}

impl Odds {
    const EVEN: Self = Self { chance: (ONE / 2) as u16, asked: 0 };

    #[inline]
    fn weight(self) -> u64 {
        let n = 5 * u64::from(self.asked) + 2;
        n * n
    }

    #[inline]
    fn learn(&mut self, bit: bool) {
        let goal = if bit { (ONE - 1) as i32 } else { 0 };
        let chance = i32::from(self.chance);
        self.chance = (chance + 2 * (goal - chance) / (2 * i32::from(self.asked) + 3)) as u16;
        self.asked = (self.asked + 1).min(MEMORY);
    }
}

/// Lengths of magnitudes: 0 to 64 bits.
const LENGTHS: usize = 65;
/// Behind the lengths: signs, of magnitudes of one, two and more bits; then the bits after the leading ones.
const SIGNS: usize = LENGTHS;
const SIGN_KINDS: usize = 3;
const SECONDS: usize = SIGNS + SIGN_KINDS;
const NODES: usize = SECONDS + LENGTHS;

/// What is known of a column of numbers: in each of its contexts, how they are spread.
#[derive(Debug)]
pub(crate) struct Column {
    odds: Vec<[Odds; NODES]>,
}

impl Column {
    /// With so many contexts; the first, 0, should be one that always holds.
    pub(crate) fn new(contexts: usize) -> Self {
        Self { odds: vec![[Odds::EVEN; NODES]; contexts] }
    }

    /// Codes a number, or returns the one that was coded. Each of `contexts` has a say in its length.
    #[inline]
    pub(crate) fn code<const N: usize>(
        &mut self,
        coder: &mut impl Coder,
        number: i64,
        contexts: [usize; N],
    ) -> Option<i64> {
        let magnitude = number.unsigned_abs();
        let wanted = length(number);
        let mut bits = 0;
        while self.bit(coder, wanted > bits, bits, contexts)? {
            bits += 1;
            if bits == LENGTHS {
                return None;
            }
        }
        if bits == 0 {
            return Some(0);
        }
        let negative = self.bit(coder, number < 0, SIGNS + bits.min(SIGN_KINDS) - 1, [0])?;
        let mut read = 1;
        let mut rest = bits as u32 - 1;
        if rest > 0 {
            rest -= 1;
            read = read << 1 | u64::from(self.bit(coder, magnitude >> rest & 1 == 1, SECONDS + bits - 1, [0])?);
        }
        read = read << rest | even(coder, magnitude, rest)?;
        Some(if negative { (read as i64).wrapping_neg() } else { read as i64 })
    }

    /// Codes whether something is so, in the place of numbers.
    pub(crate) fn flag<const N: usize>(
        &mut self,
        coder: &mut impl Coder,
        so: bool,
        contexts: [usize; N],
    ) -> Option<bool> {
        self.bit(coder, so, 0, contexts)
    }

    #[inline]
    fn bit<const N: usize>(
        &mut self,
        coder: &mut impl Coder,
        bit: bool,
        node: usize,
        contexts: [usize; N],
    ) -> Option<bool> {
        let (mut sum, mut weights) = (0u64, 0u64);
        for context in contexts {
            let odds = self.odds.get(context)?.get(node)?;
            sum += odds.weight() * u64::from(odds.chance);
            weights += odds.weight();
        }
        let bit = coder.code(bit, (sum / weights.max(1)) as u32)?;
        for context in contexts {
            self.odds.get_mut(context)?.get_mut(node)?.learn(bit);
        }
        Some(bit)
    }
}

/// Bits of a number's magnitude, 0 to 64: how numbers are told apart as contexts.
#[inline]
pub(crate) fn length(number: i64) -> usize {
    (u64::BITS - number.unsigned_abs().leading_zeros()) as usize
}

/// Which of several ways to foretell a number was best of late: both sides know it, so nobody need say it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Foretellers<const N: usize> {
    /// Sixteenths of how far each was off, the last few counting most.
    off: [i64; N],
}

impl<const N: usize> Foretellers<N> {
    /// Of each, a quarter is forgotten with every number.
    const FORGETS: i64 = 4;
    /// Farther off is as bad.
    const FAR: i64 = 1 << 30;

    pub(crate) const fn new() -> Self {
        Self { off: [0; N] }
    }

    /// That of the best; the first of equals.
    pub(crate) fn best(&self, foretold: &[i64; N]) -> i64 {
        self.off.iter().zip(foretold).min_by_key(|(off, _)| **off).map_or(0, |(_, told)| *told)
    }

    /// What it really was.
    pub(crate) fn learn(&mut self, foretold: &[i64; N], value: i64) {
        for (off, told) in self.off.iter_mut().zip(foretold) {
            let miss = value.wrapping_sub(*told).unsigned_abs().min(Self::FAR as u64) as i64;
            *off += (miss * 16 - *off) / Self::FORGETS;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn coded(numbers: &[i64]) -> Vec<u8> {
        let (mut encoder, mut column) = (Encoder::new(Vec::new()), Column::new(2));
        for (n, number) in numbers.iter().enumerate() {
            column.code(&mut encoder, *number, [0, n % 2]).unwrap();
        }
        encoder.finish()
    }

    fn read(bytes: &[u8], count: usize) -> Option<Vec<i64>> {
        let (mut decoder, mut column) = (Decoder::new(bytes), Column::new(2));
        let numbers: Option<Vec<i64>> = (0..count).map(|n| column.code(&mut decoder, 0, [0, n % 2])).collect();
        numbers.filter(|_| decoder.ends_here())
    }

    proptest! {
        #[test]
        fn any_numbers_come_back(numbers in prop::collection::vec(prop_oneof![any::<i64>(), -9i64..9], 0..300)) {
            let bytes = coded(&numbers);
            prop_assert_eq!(read(&bytes, numbers.len()), Some(numbers.clone()));
            for wrong in [numbers.len() + 1, numbers.len() + 40] {
                prop_assert_eq!(read(&bytes, wrong), None);
            }
        }

        #[test]
        fn what_was_cut_or_lengthened_does_not(numbers in prop::collection::vec(any::<i32>(), 1..50)) {
            let numbers: Vec<i64> = numbers.into_iter().map(i64::from).collect();
            let mut bytes = coded(&numbers);
            for cut in 0..bytes.len() {
                prop_assert_eq!(read(&bytes[..cut], numbers.len()), None);
            }
            bytes.push(0);
            prop_assert_eq!(read(&bytes, numbers.len()), None);
        }
    }

    #[test]
    fn the_ends_of_the_numbers_come_back() {
        let numbers = [i64::MIN, i64::MAX, 0, -1, 1, i64::MIN + 1];
        assert_eq!(read(&coded(&numbers), 6), Some(numbers.to_vec()));
    }

    #[test]
    fn what_never_changes_costs_next_to_nothing_and_noise_what_it_must() {
        assert!(coded(&[0; 6_000]).len() < 20);
        let noise: Vec<i64> = (0..6_000).map(|n| (crate::id::splitmix64(n) % 16) as i64).collect();
        assert!((3_000..3_300).contains(&coded(&noise).len()), "{}", coded(&noise).len());
    }
}
