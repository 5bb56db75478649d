//! The one thread: owns engine and store, takes inputs and calls from a queue bounded in bytes, and survives faults of
//! the engine. What it does with an input is `kernel`'s; what a host may ask is `milepost`'s.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, ThreadId};

use milepost_engine::contract::Input;

use crate::MilepostError;
use crate::kernel::Kernel;
use crate::options::Options;
use crate::trouble::Trouble;

/// Raw samples beyond this are dropped and counted: 200 Hz for twenty minutes, in case the storage hangs.
const MAX_QUEUED_BYTES: usize = 8 << 20;
/// After so many faults in a row without one good input between them, capture is switched off.
const MAX_FAULTS: u32 = 3;

/// A call that runs on the worker between two inputs. Returns whether it panicked.
type Call = Box<dyn FnOnce(&mut Kernel) -> bool + Send>;

enum Job {
    Inputs(Vec<Input>, usize),
    Call(Call),
    Stop,
}

/// A doorbell: something changed, come and look.
pub trait Listener: Send + Sync {
    /// Records are waiting to be drained, the plan has changed, or something was erased or unparked. Called on the worker's
    /// thread, under no lock; it must return soon. Inside it only pushes work: whatever waits for the worker would wait for
    /// itself, and is refused.
    fn on_change(&self);
}

/// What the worker and its callers share.
#[derive(Default)]
pub struct Shared {
    queue: Mutex<Queue>,
    arrived: Condvar,
    listener: Mutex<Option<Arc<dyn Listener>>>,
    worker: OnceLock<ThreadId>,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    bytes: usize,
    dropped_samples: u64,
    faults: u64,
    closed: bool,
    /// Inputs wait: the database is let go of.
    suspended: bool,
    disabled: Option<String>,
}

impl Shared {
    /// Queues inputs that took so many bytes. Samples are dropped when too much waits; nothing else ever is.
    pub fn push(&self, mut inputs: Vec<Input>, bytes: usize) -> Result<(), MilepostError> {
        let mut queue = self.lock();
        queue.check()?;
        if queue.bytes.saturating_add(bytes) > MAX_QUEUED_BYTES {
            inputs.retain(|input| match input {
                Input::Imu(batch) => {
                    queue.dropped_samples += batch.len() as u64;
                    false
                }
                _ => true,
            });
        }
        queue.bytes = queue.bytes.saturating_add(bytes);
        queue.jobs.push_back(Job::Inputs(inputs, bytes));
        self.arrived.notify_one();
        Ok(())
    }

    /// Runs a call on the worker, after everything that was queued before it, and waits for its answer.
    pub fn call<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Kernel) -> Result<T, MilepostError> + Send + 'static,
    ) -> Result<T, MilepostError> {
        if self.on_worker() {
            let reason = "only pushes are possible inside a listener: hand over to another thread".to_owned();
            return Err(MilepostError::InvalidInput { reason });
        }
        let (answer, answered) = std::sync::mpsc::sync_channel(1);
        {
            let mut queue = self.lock();
            if queue.closed {
                return Err(MilepostError::Closed);
            }
            let call: Call = Box::new(move |kernel| {
                let done = catch_unwind(AssertUnwindSafe(|| f(kernel)));
                let panicked = done.is_err();
                let failed = || Err(MilepostError::Internal { reason: "a call panicked".to_owned() });
                // The caller waits; if it is gone, nobody needs the answer.
                let _ = answer.send(done.unwrap_or_else(|_| failed()));
                panicked
            });
            queue.jobs.push_back(Job::Call(call));
            self.arrived.notify_one();
        }
        answered.recv().unwrap_or(Err(MilepostError::Closed))
    }

    /// Asks the worker to stop after what is queued. Returns false if that was asked before.
    pub fn close(&self) -> bool {
        let mut queue = self.lock();
        let first = !queue.closed;
        queue.closed = true;
        if first {
            queue.jobs.push_back(Job::Stop);
            self.arrived.notify_one();
        }
        first
    }

    /// Whether the caller is inside a listener.
    pub fn on_worker(&self) -> bool {
        self.worker.get().is_some_and(|worker| *worker == thread::current().id())
    }

    /// Makes inputs wait in the queue, or lets them go on. Returns whether they waited before.
    pub fn hold_inputs(&self, hold: bool) -> bool {
        let before = std::mem::replace(&mut self.lock().suspended, hold);
        self.arrived.notify_one();
        before
    }

    /// Who is told; `None` is nobody.
    pub fn listen(&self, listener: Option<Arc<dyn Listener>>) {
        *self.listener.lock().unwrap_or_else(PoisonError::into_inner) = listener;
    }

    /// Samples dropped, faults survived, and why capture is off if it is.
    pub fn health(&self) -> (u64, u64, Option<String>) {
        let queue = self.lock();
        (queue.dropped_samples, queue.faults, queue.disabled.clone())
    }

    /// Tells the listener. On the worker's thread only.
    pub fn ring(&self) {
        let listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(listener) = listener
            && catch_unwind(AssertUnwindSafe(|| listener.on_change())).is_err()
        {
            log::warn!("the listener panicked");
        }
    }

    fn next(&self) -> Job {
        let mut queue = self.lock();
        loop {
            if let Some(job) = queue.pop() {
                return job;
            }
            queue = self.arrived.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Lets held inputs come before a stop. Returns whether any may be waiting.
    fn stop_after_held(&self, kernel: &mut Kernel) -> bool {
        if !self.lock().suspended {
            return false;
        }
        if let Err(error) = kernel.resume() {
            log::warn!("closed while suspended, and what was pushed meanwhile is lost: {error}");
            return false;
        }
        let mut queue = self.lock();
        queue.suspended = false;
        queue.jobs.push_back(Job::Stop);
        true
    }

    /// The lock is never held across foreign code, so a poisoned one is still whole.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// The next job; while suspended, inputs wait and only calls go on.
    fn pop(&mut self) -> Option<Job> {
        if !self.suspended {
            return self.jobs.pop_front();
        }
        let at = self.jobs.iter().position(|job| !matches!(job, Job::Inputs(..)))?;
        self.jobs.remove(at)
    }

    fn check(&self) -> Result<(), MilepostError> {
        if self.closed {
            return Err(MilepostError::Closed);
        }
        match &self.disabled {
            Some(reason) => Err(MilepostError::Disabled { reason: reason.clone() }),
            None => Ok(()),
        }
    }
}

/// Works until it is told to stop; then writes a last snapshot.
pub fn run(shared: &Shared, mut kernel: Kernel, options: &Options, seed: u64) {
    let mut faults_in_a_row = 0;
    shared.worker.get_or_init(|| thread::current().id());
    loop {
        match shared.next() {
            Job::Inputs(inputs, bytes) => {
                let mut news = false;
                for input in inputs {
                    let done = catch_unwind(AssertUnwindSafe(|| kernel.handle(input, &mut |_| {})));
                    match done {
                        Ok(Ok(handled)) => {
                            news |= handled.records > 0 || handled.plan;
                            faults_in_a_row = 0;
                            continue;
                        }
                        // A full disk or a suspended store: the kernel holds back what was said and tries again.
                        Ok(Err(error)) => {
                            log::error!("{error}");
                            shared.lock().faults += 1;
                            continue;
                        }
                        Err(_) => {}
                    }
                    let reason = "the engine panicked".to_owned();
                    faults_in_a_row += 1;
                    log::error!("{reason}");
                    kernel.note(Trouble::Engine, &reason);
                    let restored = kernel.restore(options, seed);
                    let mut queue = shared.lock();
                    queue.faults += 1;
                    if faults_in_a_row >= MAX_FAULTS || restored.is_err() {
                        queue.disabled = Some(reason);
                        break;
                    }
                }
                let mut queue = shared.lock();
                queue.bytes = queue.bytes.saturating_sub(bytes);
                drop(queue);
                if news {
                    shared.ring();
                }
            }
            Job::Call(call) => {
                if call(&mut kernel) {
                    log::error!("a call panicked");
                    shared.lock().faults += 1;
                }
            }
            Job::Stop if shared.stop_after_held(&mut kernel) => {}
            Job::Stop => break,
        }
    }
    if let Err(error) = kernel.commit() {
        log::warn!("no last snapshot: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Place;

    #[test]
    fn a_call_that_panics_says_so_and_the_next_one_works() {
        let shared = Arc::new(Shared::default());
        let options = Options::new(Place::Memory, "", "").unwrap();
        let (theirs, kernel) = (Arc::clone(&shared), Kernel::open(&options).unwrap());
        let worker = thread::Builder::new().spawn(move || run(&theirs, kernel, &options, 1)).unwrap();
        let said = shared.call(|_| -> Result<(), MilepostError> { panic!("as a test asked for") });
        assert!(matches!(said, Err(MilepostError::Internal { .. })), "{said:?}");
        assert_eq!(shared.call(|kernel| Ok(kernel.commits())), Ok(0));
        assert_eq!(shared.health().1, 1);
        assert!(shared.close());
        worker.join().unwrap();
    }
}
