//! What the host's HTTP stack is asked to send, and what it says about it.

use milepost::upload::{Network as CoreNetwork, Outcome, Request, Why};

use crate::error::{MilepostError, unsigned};

/// A header of a request.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Header {
    /// As HTTP has it, in any case.
    pub name: String,
    /// As HTTP has it.
    pub value: String,
}

/// What is to be done about the upload now.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum NextUpload {
    /// POST this, then say how it went with `upload_finished`. It is leased to the host until then, also over the end
    /// of the process.
    Send {
        /// The batch; `upload_finished` wants it back.
        id: String,
        /// Where to.
        url: String,
        /// All that must be sent along, `Content-Type` and, after `set_token`, `Authorization` included.
        headers: Vec<Header>,
        /// As it is to be sent.
        body: Vec<u8>,
    },
    /// Nothing before that time or, without one, before what it waits for has happened.
    Wait {
        /// Epoch milliseconds.
        until_ms: Option<i64>,
        /// What for.
        why: WaitReason,
    },
    /// Nothing to send.
    Idle,
}

impl From<milepost::NextUpload> for NextUpload {
    fn from(next: milepost::NextUpload) -> Self {
        match next {
            milepost::NextUpload::Send(Request { batch_id, url, headers, body, keys: _ }) => {
                let headers = headers.into_iter().map(|(name, value)| Header { name, value }).collect();
                Self::Send { id: batch_id.to_string(), url, headers, body }
            }
            milepost::NextUpload::Wait { until_ms, why } => Self::Wait { until_ms, why: why.into() },
            milepost::NextUpload::Idle => Self::Idle,
        }
    }
}

/// What an upload waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum WaitReason {
    /// The answer to the batch on its way.
    InFlight,
    /// A network that the rules allow: say `set_network`.
    Network,
    /// A token: say `set_token`.
    Token,
    /// The end of the wait after a failure.
    Backoff,
    /// The minimum interval between batches.
    Interval,
    /// The server said so.
    Paused,
}

impl From<Why> for WaitReason {
    fn from(why: Why) -> Self {
        match why {
            Why::InFlight => Self::InFlight,
            Why::Network => Self::Network,
            Why::Token => Self::Token,
            Why::Backoff => Self::Backoff,
            Why::Interval => Self::Interval,
            Why::Paused => Self::Paused,
        }
    }
}

/// What the phone is connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Network {
    /// Nothing.
    None,
    /// Costs by the byte.
    Metered,
    /// Costs nothing by the byte.
    Unmetered,
}

impl From<Network> for CoreNetwork {
    fn from(network: Network) -> Self {
        match network {
            Network::None => Self::None,
            Network::Metered => Self::Metered,
            Network::Unmetered => Self::Unmetered,
        }
    }
}

/// How an upload went.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum UploadOutcome {
    /// The server answered, whatever it said.
    Answer {
        /// The HTTP status.
        status: i32,
        /// The header `Retry-After` as it came, where there is one.
        retry_after: Option<String>,
        /// As it came; it may acknowledge record by record.
        body: Vec<u8>,
    },
    /// No answer, or not all of it: no network, a timeout, a broken connection.
    Failed {
        /// Why, for a log.
        reason: String,
    },
}

impl TryFrom<UploadOutcome> for Outcome {
    type Error = MilepostError;

    fn try_from(outcome: UploadOutcome) -> Result<Self, MilepostError> {
        Ok(match outcome {
            UploadOutcome::Answer { status, retry_after, body } => {
                Self::Answer { status: unsigned("status", status)?, retry_after, body }
            }
            UploadOutcome::Failed { reason } => Self::NetworkError(reason),
        })
    }
}
