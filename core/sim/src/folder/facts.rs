//! Facts as `truth.json`, by the keys of the judge of recorded sets, so that the same definitions score both.

use milepost_engine::record::{Mode, StopClass};
use serde_json::{Value, json};

use crate::truth::{FixRuns, Span, Truth};

/// Holes below this are the road's own roughness.
const HOLE_MIN_MPS2: f64 = 2.0;
/// From the first touch to the last blow of a crash.
const CRASH_S: f64 = 5.0;
/// A harsh manoeuvre is found when the event is this near.
const TOLERANCE_S: f64 = 1.5;

pub(super) fn json(truth: &Truth, fixed: &FixRuns, name: &str, seed: u64, span: [f64; 2], lags: (f64, f64)) -> String {
    let trips: Vec<Value> = truth
        .trips
        .iter()
        .map(|t| {
            let known = fixed.within(t.span);
            let (first, last) = known.unwrap_or((t.span.start_s, t.span.end_s));
            json!({
                "start_t_s": t.span.start_s, "end_t_s": t.span.end_s, "join_next": "no", "observable": known.is_some(),
                "first_fix_t_s": first, "last_fix_t_s": last, "alt": [[first, last]],
                "distance_m": t.distance_m, "max_speed_mps": t.max_speed_mps,
            })
        })
        .collect();
    let modes: Vec<Value> = truth.legs.iter().map(|l| leg(l.mode, l.span)).collect();
    let stops: Vec<Value> = truth.stops.iter().map(|s| with(s.span, "class", &json!(class(s.class)))).collect();
    let mut events: Vec<Value> = truth
        .events
        .iter()
        .map(|e| {
            json!({
                "types": [e.kind], "start_t_s": e.span.start_s, "end_t_s": e.span.end_s,
                "peak_mps2": e.peak_mps2, "need": e.need,
            })
        })
        .collect();
    // A crash is harsh in every way: whatever is reported there counts neither way.
    for impact in &truth.impacts {
        for kind in ["driving.harsh_braking", "driving.harsh_acceleration", "driving.harsh_cornering", "driving.swerve"]
        {
            events.push(json!({
                "types": [kind], "start_t_s": impact.t_s - 1.0, "end_t_s": impact.t_s + CRASH_S,
                "peak_mps2": 20.0, "need": false,
            }));
        }
    }
    let outages: Vec<Value> = truth.outages.iter().map(|o| with(o.span, "distance_m", &json!(o.distance_m))).collect();
    let speeding: Vec<Value> =
        truth.speeding.iter().map(|s| with(s.span, "distance_m", &json!(s.distance_m))).collect();
    let potholes: Vec<f64> = truth.potholes.iter().filter(|p| p.1 >= HOLE_MIN_MPS2).map(|p| p.0).collect();
    let handling: Vec<[f64; 2]> = truth.handling.iter().map(|s| [s.start_s, s.end_s]).collect();
    let mut out = json!({
        "set": "sim", "name": format!("{name}_{seed}"), "group": name, "args": [], "span": span,
        "trips": trips, "modes": modes, "stops": stops, "events": events, "event_tolerance_s": TOLERANCE_S,
        "potholes": potholes, "handling": handling, "outages": outages, "speeding": speeding,
        "gnss_lag_s": lags.0, "position_lag_s": lags.1, "stationary": truth.trips.is_empty(),
    });
    if let (Some(first), Some(last), Value::Object(map)) = (truth.impacts.first(), truth.impacts.last(), &mut out) {
        let impacts = json!({
            "count": truth.impacts.len(), "start_t_s": first.t_s, "end_t_s": last.t_s + CRASH_S,
            "crash": format!("{:?}", first.crash),
        });
        map.insert("impacts".to_owned(), impacts);
    }
    out.to_string()
}

fn with(span: Span, key: &str, value: &Value) -> Value {
    json!({ "start_t_s": span.start_s, "end_t_s": span.end_s, key: value })
}

fn leg(mode: Mode, span: Span) -> Value {
    let (fine, coarse): (&[&str], &[&str]) = match mode {
        Mode::Automotive | Mode::Bus | Mode::Rail => (&["automotive"], &["automotive", "bus", "rail"]),
        Mode::Walking | Mode::Running => (&["walking"], &["walking", "running"]),
        Mode::Cycling => (&["cycling"], &["cycling"]),
        Mode::Still | Mode::Unknown => (&["still"], &["still"]),
    };
    json!({ "start_t_s": span.start_s, "end_t_s": span.end_s, "fine": fine, "coarse": coarse })
}

/// The judge knows lights and deliveries; whatever else is a dwell, which counts neither way.
fn class(class: StopClass) -> &'static str {
    match class {
        StopClass::Light => "light",
        StopClass::Delivery => "delivery",
        StopClass::Jam | StopClass::Break | StopClass::Unknown => "dwell",
    }
}
