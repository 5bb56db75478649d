//! One scenario through the very engine that replays and phones run, as a host would feed it. What goes by is shown to
//! who wants to measure it, and only facts and records are kept: a drive costs no memory for its length.

use milepost_engine::config::{Config, Preset};
use milepost_engine::contract::{Input, Output, StateRow};
use milepost_engine::record::Record;
use milepost_engine::sample::MonoTime;
use milepost_engine::{Engine, Session};
use milepost_sim::{Fact, FixRuns, Item, Scenario, Span, TrueState, Truth};

use super::said::Said;

/// Who wants to see what goes by. All of it comes in the order in which it happens.
pub trait Watch {
    /// What is true, 100 a second.
    fn truth(&mut self, _now: &TrueState) {}
    /// What a host hands over.
    fn input(&mut self, _input: &Input) {}
    /// What was true and is over.
    fn fact(&mut self, _fact: &Fact) {}
    /// A row of `states.csv`.
    fn row(&mut self, _row: &StateRow) {}
    /// A record, said at that time of the world.
    fn record(&mut self, _record: &Record, _now: MonoTime) {}
}

/// What is left of a drive.
pub struct Drive {
    /// The facts.
    pub truth: Truth,
    /// What the engine said.
    pub said: Said,
    /// When there were fixes.
    pub fixes: FixRuns,
    /// From the first moment to the last.
    pub span: Span,
    /// Seconds by which the receiver's speed and course are late, and its position.
    pub lags_s: (f64, f64),
}

impl Drive {
    /// How long it lasted.
    pub fn hours(&self) -> f64 {
        (self.span.end_s - self.span.start_s) / 3_600.0
    }
}

/// Drives for the records alone: no states, no ticks.
pub fn drive(scenario: &Scenario) -> Drive {
    through(scenario, false, &mut Unseen)
}

/// Drives, and shows everything to a watcher; the engine is ticked when it asked for it.
pub fn drive_watched(scenario: &Scenario, watch: &mut dyn Watch) -> Drive {
    through(scenario, true, watch)
}

struct Unseen;

impl Watch for Unseen {}

fn through(scenario: &Scenario, watched: bool, watch: &mut dyn Watch) -> Drive {
    let world = if watched { scenario.world().with_truth() } else { scenario.world() };
    let lags_s = (world.gnss_lag_s(), world.gnss_position_lag_s());
    let start_s = world.clock().mono.seconds();
    let config = Config { states: watched, ..Config::preset(Preset::Courier) };
    let mut engine = Engine::new(config, &Session { seed: scenario.seed(), first_seq: 1 });
    let (mut truth, mut said, mut fixes) = (Truth::default(), Said::default(), FixRuns::default());
    let mut now = world.clock().mono;
    for item in world {
        match item {
            Item::State(state) => {
                now = state.t;
                watch.truth(&state);
                if engine.deadline().is_some_and(|(due, _)| due <= now) {
                    engine.handle(Input::Tick(now));
                }
            }
            Item::Fact(fact) => {
                watch.fact(&fact);
                truth.take(fact);
            }
            Item::Input(input) => {
                watch.input(&input);
                now = now.max(input.newest().unwrap_or(now));
                if let Input::Fix(fix) = &input {
                    fixes.fix(fix.t.seconds());
                }
                engine.handle(input);
            }
        }
        while let Some(output) = engine.poll() {
            match output {
                Output::State(row) => watch.row(&row),
                Output::Record(record) => {
                    watch.record(&record, now);
                    said.record(*record);
                }
                Output::Track(chunk) if watched => said.track(chunk),
                Output::Track(_) | Output::Plan(_) => {}
            }
        }
    }
    Drive { truth, said, fixes, span: Span { start_s, end_s: now.seconds() }, lags_s }
}
