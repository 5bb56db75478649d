//! What `report storage` measures: how small the codecs are, and what a phone that is offline for days keeps and sends.

pub mod columns;
pub mod days;
