//! Thresholds of `trip`, each with its reason.

use serde::{Deserialize, Serialize};

use crate::config::Preset;

/// Thresholds of `trip`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripConfig {
    /// Trips begin by themselves. Without it only a command begins one, and nothing is sensed before.
    pub automatic: bool,
    /// A trip ends this long after its last ride. Walking to a door never shortens it for couriers.
    pub stop_timeout_s: f64,
    /// A trip that the host began by command and that never moved ends after this: a shift may begin with loading. So does
    /// one after its last ride where trips do not begin by themselves: the driver ends it, or has forgotten to.
    pub forced_timeout_s: f64,
    /// Less than this is no trip: a parking manoeuvre, or noise.
    pub min_distance_m: f64,
    /// Less than this is no trip.
    pub min_duration_s: f64,
    /// A trip gets at least this far from where it began: noise walks about, but goes nowhere.
    pub min_displacement_m: f64,
    /// A mean speed above this is no road vehicle (250 km/h).
    pub max_mean_speed_mps: f64,
    /// Bicycles and scooters make trips.
    pub cycling_counts: bool,
    /// Buses and trains make trips.
    pub passenger_counts: bool,
    /// Motion at vehicle speed must last this long before a trip is opened.
    pub confirm_s: f64,
    /// A ride that got this far from its start needs no vehicle speed: jams, hills, old bicycles.
    pub confirm_displacement_m: f64,
    /// What may be a trip gets GNSS for so long.
    pub candidate_s: f64,
    /// What was none does not get GNSS again for so long, unless the phone moved: activity recognition errs for hours.
    pub candidate_backoff_s: f64,
    /// Standing for so long is a stop, not a pause: most lights are shorter.
    pub pause_s: f64,
    /// Nothing from GNSS for so long inside a trip is a gap.
    pub gap_s: f64,
    /// A dwell in a trip shorter than this is no stop.
    pub min_stop_s: f64,
    /// What a trip gets of GNSS.
    pub trip_gnss_s: f64,
    /// What a fast trip gets of GNSS: on a motorway little happens between two fixes.
    pub motorway_gnss_s: f64,
    /// The speed from which on a trip is fast.
    pub motorway_mps: f64,
    /// What a long stop gets of GNSS: enough to see it end, IMU and activity see it sooner.
    pub standing_gnss_s: f64,
    /// What a trip gets of GNSS while the phone saves power.
    pub saving_gnss_s: f64,
    /// The fence that wakes an idle phone: smaller ones fire by themselves indoors.
    pub wake_radius_m: f64,
}

impl Default for TripConfig {
    fn default() -> Self {
        Self {
            automatic: true,
            stop_timeout_s: 300.0,
            forced_timeout_s: 3600.0,
            min_distance_m: 300.0,
            min_duration_s: 60.0,
            min_displacement_m: 150.0,
            max_mean_speed_mps: 69.4,
            cycling_counts: true,
            passenger_counts: true,
            confirm_s: 15.0,
            confirm_displacement_m: 150.0,
            candidate_s: 90.0,
            candidate_backoff_s: 600.0,
            pause_s: 60.0,
            gap_s: 60.0,
            min_stop_s: 10.0,
            trip_gnss_s: 1.0,
            motorway_gnss_s: 3.0,
            motorway_mps: 25.0,
            standing_gnss_s: 5.0,
            saving_gnss_s: 5.0,
            wake_radius_m: 150.0,
        }
    }
}

impl TripConfig {
    /// What differs by preset.
    pub fn preset(preset: Preset) -> Self {
        match preset {
            Preset::Courier => Self::default(),
            Preset::RideHailing => Self { cycling_counts: false, ..Self::default() },
            Preset::PrivateCar => Self { stop_timeout_s: 240.0, cycling_counts: false, ..Self::default() },
        }
    }
}
