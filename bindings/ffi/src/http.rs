//! Only with the feature `reqwest`: uploads by the built-in HTTP client, for a host that would rather not use its own. It is
//! no part of the surface that `bindings/surface.txt` shows.

use milepost::upload::{Http, HttpOptions};

use crate::core::MilepostCore;
use crate::error::{MilepostError, call};
use crate::upload::NextUpload;

#[uniffi::export]
impl MilepostCore {
    /// Sends what waits until there is nothing more to send now, and says why: never `Send`. With `flush`, what is neither
    /// urgent nor much goes too. Blocks for as long as the server does.
    pub fn deliver(&self, flush: bool) -> Result<NextUpload, MilepostError> {
        call(|| {
            let http = Http::new(&HttpOptions::default())
                .map_err(|e| MilepostError::Internal { reason: format!("the HTTP client: {e}") })?;
            Ok(self.inner.deliver(&http, flush)?.into())
        })
    }
}
