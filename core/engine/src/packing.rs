//! Whole numbers in few bytes: zigzag LEB128 varints, as in Protocol Buffers, and rows of such numbers that differ little
//! from the row before. What the numbers mean is left to whoever packs them.

use std::collections::VecDeque;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// Appends a number.
pub fn put(out: &mut Vec<u8>, value: i64) {
    let mut zigzag = ((value << 1) ^ (value >> 63)) as u64;
    while zigzag >= 0x80 {
        out.push(zigzag as u8 | 0x80);
        zigzag >>= 7;
    }
    out.push(zigzag as u8);
}

/// Takes a number off the front; `None` if there is no whole one.
pub fn take(rest: &mut &[u8]) -> Option<i64> {
    let mut zigzag = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, tail) = rest.split_first()?;
        *rest = tail;
        zigzag |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64));
        }
    }
    None
}

/// The nearest whole number, without the call that `f64::round` would be: added to this, it stands in the low bits of the
/// sum. What is beyond the reach of the number stays at its end, and NaN is 0.
const ONE_AND_A_HALF_TO_THE_52ND: f64 = 6_755_399_441_055_744.0;

/// In four bytes.
#[inline]
pub fn whole(x: f64) -> i32 {
    (x.clamp(f64::from(i32::MIN), f64::from(i32::MAX)) + ONE_AND_A_HALF_TO_THE_52ND).to_bits() as i32
}

/// In two bytes.
#[inline]
pub fn short(x: f64) -> i16 {
    (x.clamp(f64::from(i16::MIN), f64::from(i16::MAX)) + ONE_AND_A_HALF_TO_THE_52ND).to_bits() as i16
}

/// Packs rows, each as what it adds to the one before; of the first number, which is a time, what that adds to the step
/// before.
pub fn pack<const N: usize>(rows: impl Iterator<Item = [i64; N]>) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut before, mut pace) = ([0i64; N], 0i64);
    for row in rows {
        for (i, (value, before)) in row.iter().zip(before).enumerate() {
            let step = value.wrapping_sub(before);
            put(&mut out, if i == 0 { step.wrapping_sub(std::mem::replace(&mut pace, step)) } else { step });
        }
        before = row;
    }
    out
}

/// Unpacks what [`pack`] packed; `None` for anything else.
pub fn unpack<const N: usize>(mut bytes: &[u8]) -> Option<Vec<[i64; N]>> {
    let mut rows = Vec::new();
    let (mut row, mut pace) = ([0i64; N], 0i64);
    while !bytes.is_empty() {
        for (i, value) in row.iter_mut().enumerate() {
            let told = take(&mut bytes)?;
            if i == 0 {
                pace = pace.wrapping_add(told);
            }
            *value = value.wrapping_add(if i == 0 { pace } else { told });
        }
        rows.push(row);
    }
    Some(rows)
}

/// Something that is a row of whole numbers.
pub trait Row<const N: usize>: Sized {
    /// Its numbers; neighbours in time should differ little.
    fn row(&self) -> [i64; N];
    /// Back from there; `None` for numbers that it cannot have.
    fn from_row(row: [i64; N]) -> Option<Self>;
}

/// For `#[serde(with = …)]`: a ring of rows, packed.
pub mod ring {
    use super::*;

    /// Packs it.
    pub fn serialize<const N: usize, T: Row<N>, S: Serializer>(ring: &VecDeque<T>, to: S) -> Result<S::Ok, S::Error> {
        pack(ring.iter().map(Row::row)).serialize(to)
    }

    /// Unpacks it.
    pub fn deserialize<'de, const N: usize, T: Row<N>, D: Deserializer<'de>>(from: D) -> Result<VecDeque<T>, D::Error> {
        let rows = unpack(&Vec::<u8>::deserialize(from)?);
        let ring = rows.and_then(|rows| rows.into_iter().map(T::from_row).collect());
        ring.ok_or_else(|| D::Error::custom("a ring that nobody packed"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_and_half_a_row_does_not() {
        let rows = [[0, i64::MAX, -3], [5, i64::MIN, -3], [-1, 0, 1 << 40]];
        let bytes = pack(rows.into_iter());
        assert_eq!(unpack(&bytes), Some(rows.to_vec()));
        assert_eq!(unpack::<3>(&bytes[..bytes.len() - 1]), None);
        assert_eq!(unpack::<3>(&[]), Some(vec![]));
    }

    #[test]
    fn numbers_are_rounded_and_stay_within_their_reach() {
        let all = [0.4, -0.6, 1.51, -2.6, 981.2, 32_767.4, 1e12, -1e12, f64::INFINITY, f64::NAN];
        assert_eq!(all.map(short), [0, -1, 2, -3, 981, i16::MAX, i16::MAX, i16::MIN, i16::MAX, 0]);
        assert_eq!(all.map(whole), [0, -1, 2, -3, 981, 32_767, i32::MAX, i32::MIN, i32::MAX, 0]);
    }

    #[test]
    fn small_steps_take_a_byte_each() {
        let bytes = pack((0..100).map(|i| [1_000_000 + i, 7]));
        assert!(bytes.len() < 210, "{} bytes", bytes.len());
    }
}
