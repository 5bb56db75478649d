//! A world to drive in: vehicle, driver, roads, phone, sensors, GNSS, with the truth beside it. For hosts only.
//!
//! A [`Scenario`] tells a story, its [`World`] lets it happen: an iterator of [`Item`]s in constant memory, so that a week
//! does not sit in memory. Inputs come in the order in which a host would get them; facts come when they are over.
//!
//! ```
//! use milepost_sim::{Item, Scenario, Truth};
//!
//! let mut truth = Truth::default();
//! let (mut inputs, mut states) = (0, 0);
//! for item in Scenario::drive(7).minutes(3).world().with_truth() {
//!     match item {
//!         Item::Input(_input) => inputs += 1, // engine.handle(input)
//!         Item::State(_state) => states += 1, // 100 a second
//!         Item::Fact(fact) => truth.take(fact),
//!     }
//! }
//! assert!(inputs > 600 && states > 15_000);
//! ```
//!
//! The hardness of the defaults is pinned (`tests/hardness.rs`): a scenario may be worse, never easier.

mod carried;
mod cast;
mod folder;
mod host;
mod incident;
mod maths;
mod person;
mod phone;
mod place;
mod registry;
mod rng;
mod road;
mod scenario;
mod sense;
mod story;
mod truth;
mod units;
mod vehicle;
mod world;

pub use folder::{Written, write_folder};
pub use host::{Bill, Life, Policy, WEEKS, declares, live, week_config};
pub use phone::Keeping;
pub use registry::{Named, SCENARIOS, by_name};
pub use scenario::Scenario;
pub use truth::{Crash, Event, Fact, FixRuns, Impact, Leg, Span, Stop, Stretch, Trip, TrueState, Truth};
pub use units::Duration;
pub use world::{Item, World};
