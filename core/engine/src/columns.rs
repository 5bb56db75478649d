//! Columns of whole numbers as the differences of their neighbours, which are small where a quantity changes slowly. What
//! the columns mean is `track`'s and `window`'s.

use crate::packing::{put, take};

/// For what goes on as it went: times, places of a vehicle.
pub(crate) fn put_second_differences(out: &mut Vec<u8>, values: impl Iterator<Item = i64>) {
    let (mut value_before, mut slope_before) = (0i64, 0i64);
    for value in values {
        let slope = value.wrapping_sub(value_before);
        put(out, slope.wrapping_sub(slope_before));
        (value_before, slope_before) = (value, slope);
    }
}

/// `None` if there are not so many.
pub(crate) fn take_second_differences(rest: &mut &[u8], count: usize) -> Option<Vec<i64>> {
    let (mut value, mut slope) = (0i64, 0i64);
    (0..count)
        .map(|_| {
            slope = slope.wrapping_add(take(rest)?);
            value = value.wrapping_add(slope);
            Some(value)
        })
        .collect()
}

/// For what stays near where it was: speeds, accelerations, rates.
pub(crate) fn put_differences(out: &mut Vec<u8>, values: impl Iterator<Item = i64>) {
    let mut before = 0i64;
    for value in values {
        put(out, value.wrapping_sub(before));
        before = value;
    }
}

/// `None` if there are not so many.
pub(crate) fn take_differences(rest: &mut &[u8], count: usize) -> Option<Vec<i64>> {
    let mut value = 0i64;
    (0..count)
        .map(|_| {
            value = value.wrapping_add(take(rest)?);
            Some(value)
        })
        .collect()
}
