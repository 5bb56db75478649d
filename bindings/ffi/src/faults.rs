//! For tests of the languages: panics, where a call is answered and where the engine decides. In no library that ships.

use crate::core::MilepostCore;
use crate::error::{MilepostError, call, unsigned};

#[uniffi::export]
impl MilepostCore {
    /// This very call panics.
    #[expect(clippy::panic, reason = "that is what it is for")]
    pub fn panic_now(&self) -> Result<(), MilepostError> {
        call(|| panic!("as a test asked for"))
    }

    /// In the middle of the n-th input from now, the engine panics.
    pub fn panic_in(&self, inputs: i64) -> Result<(), MilepostError> {
        call(|| Ok(self.inner.panic_in(unsigned("inputs", inputs)?)?))
    }
}
