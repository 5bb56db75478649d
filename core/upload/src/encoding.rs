//! How a body is packed, and the name that HTTP has for it. Which one a server reads is `machine`'s to know.

use std::io;

/// zstd's level: of a courier's batches it makes a twentieth less than its default of 3, and 3 % less than 15 (level 22
/// no more), for some milliseconds a batch; a byte on air costs more.
const LEVEL: i32 = 19;

/// The header that has the name.
pub(crate) const CONTENT_ENCODING: &str = "Content-Encoding";

/// The version of the dictionary, as a server offers it.
pub const DICTIONARY_VERSION: u32 = 1;

/// What records look like: small batches are mostly names of fields, which both sides know. The commonest shapes of
/// records of eight simulated courier days with every number set to 0 and every id to one, the commonest last; nothing of
/// anybody is in it. A server keeps a copy, so it never changes: fields that come to be later only pack worse, until
/// there is a version 2.
const DICTIONARY: &[u8] = include_bytes!("dictionary-1.txt");

/// A way to pack a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As it is.
    Identity,
    /// A zstd frame.
    Zstd,
    /// A zstd frame that refers to the dictionary, `dictionary-1.txt`.
    Dictionary,
}

impl Encoding {
    /// For the header `Content-Encoding`; `None` goes without.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Zstd => Some("zstd"),
            Self::Dictionary => Some("zstd-milepost-1"),
        }
    }

    /// Packs a body. Fails only for want of memory.
    pub fn pack(self, body: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Identity => Ok(body.to_vec()),
            Self::Zstd => zstd::bulk::compress(body, LEVEL),
            Self::Dictionary => zstd::bulk::Compressor::with_dictionary(LEVEL, DICTIONARY)?.compress(body),
        }
    }

    /// What was packed; an error if it is none, or more than so many bytes.
    pub fn unpack(self, body: &[u8], at_most: usize) -> io::Result<Vec<u8>> {
        match self {
            Self::Identity => Ok(body.to_vec()),
            Self::Zstd => zstd::bulk::decompress(body, at_most),
            Self::Dictionary => zstd::bulk::Decompressor::with_dictionary(DICTIONARY)?.decompress(body, at_most),
        }
    }

    /// The encoding of a request with this `Content-Encoding`; `None` for one that is not known.
    pub fn of(name: Option<&str>) -> Option<Self> {
        match name {
            None | Some("identity") => Some(Self::Identity),
            Some(name) => [Self::Zstd, Self::Dictionary].into_iter().find(|encoding| encoding.name() == Some(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_unpacks_what_it_packed_and_nothing_larger_than_allowed() {
        let body = br#"{"schema":"milepost.batch/1","records":[{"schema":"milepost.trip/1","id":"x","rev":1}]}"#;
        for encoding in [Encoding::Identity, Encoding::Zstd, Encoding::Dictionary] {
            let packed = encoding.pack(body).unwrap();
            assert_eq!(encoding.unpack(&packed, 1_000).unwrap(), body);
            assert_eq!(Encoding::of(encoding.name()), Some(encoding));
        }
        let packed = Encoding::Dictionary.pack(&[7; 5_000]).unwrap();
        assert!(Encoding::Dictionary.unpack(&packed, 4_999).is_err());
        assert!(Encoding::Dictionary.unpack(b"no zstd", 1_000).is_err());
        assert_eq!(Encoding::of(Some("br")), None);
    }

    #[test]
    fn the_dictionary_is_the_one_that_servers_have() {
        let crc = crc32fast::hash(DICTIONARY);
        assert_eq!(crc, 0x6c66_2dde, "a changed dictionary needs a new version and a new name");
    }
}
