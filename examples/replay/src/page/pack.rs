//! Numbers as short text: zigzag LEB128 varints in base64. `examples/replay/page/decode.js` reads it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Appends a number; near zero it takes a byte.
pub fn put(out: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    while rest >= 0x80 {
        out.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// The bytes as text.
pub fn text(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// So many bytes become text of this length.
pub const fn text_len(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}

/// Reads what [`put`] wrote; the page's JavaScript does the same.
#[cfg(test)]
pub fn take(bytes: &mut impl Iterator<Item = u8>) -> i64 {
    let (mut value, mut shift) = (0u64, 0);
    loop {
        let byte = bytes.next().expect("a number");
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            return (value >> 1) as i64 ^ -((value & 1) as i64);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_numbers_come_back(numbers in prop::collection::vec(any::<i64>(), 0..50)) {
            let mut bytes = Vec::new();
            numbers.iter().for_each(|n| put(&mut bytes, *n));
            prop_assert_eq!(text(&bytes).len(), text_len(bytes.len()));
            let mut rest = bytes.into_iter();
            for n in numbers {
                prop_assert_eq!(take(&mut rest), n);
            }
            prop_assert_eq!(rest.next(), None);
        }
    }
}
