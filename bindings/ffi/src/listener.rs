//! The doorbell: a foreign object that is told that there is something to drain.

use std::sync::Arc;

/// Implemented by the host, rung by Milepost's worker thread after records were stored or the plan has changed. It
/// carries nothing: the host drains, on a thread of its own. It must return at once, and may only push meanwhile.
#[uniffi::export(foreign)]
pub trait ChangeListener: Send + Sync {
    /// Something changed since the last call. Several changes may ring once.
    fn on_change(&self) -> Result<(), ListenerError>;
}

/// What a listener may throw. Milepost logs it and goes on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum ListenerError {
    /// The listener did not do its work.
    #[error("{reason}")]
    Failed {
        /// Why, for a log.
        reason: String,
    },
}

/// Anything else that a listener throws; without this it would be a panic.
impl From<uniffi::UnexpectedUniFFICallbackError> for ListenerError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed { reason: first_line(&error.reason) }
    }
}

/// The listener as the sdk wants it.
pub(crate) struct Bell(pub(crate) Arc<dyn ChangeListener>);

impl milepost::Listener for Bell {
    fn on_change(&self) {
        if let Err(ListenerError::Failed { reason }) = self.0.on_change() {
            log::warn!("the change listener failed: {}", first_line(&reason));
        }
    }
}

/// Kotlin sends a whole stack trace as the reason: it must not fill a log.
const MAX_REASON_CHARS: usize = 200;

fn first_line(reason: &str) -> String {
    reason.lines().next().unwrap_or_default().chars().take(MAX_REASON_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_stack_trace_when_kept_then_only_its_first_line_is() {
        assert_eq!(first_line("java.lang.Error: no\n\tat a.b\n\tat c.d"), "java.lang.Error: no");
        assert_eq!(first_line(""), "");
        assert_eq!(first_line(&"ü".repeat(1000)).chars().count(), MAX_REASON_CHARS);
    }
}
