//! The vocabulary: what a phone can tell the engine, with units in names. Checks nothing; that is `intake`'s.
//!
//! Frames: the phone frame is Android's (x right, y up the screen, z out of it). Specific force is in m/s², so a phone
//! lying face up at rest reads z = +9.81. Rotation rates are in rad/s about the same axes.

use serde::{Deserialize, Serialize};

/// Nanoseconds on the input's own axis: since boot and through suspend on a phone, or since the epoch in a recording
/// that has no other clock. It orders everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MonoTime(pub i64);

/// Nanoseconds in a second.
pub const NS_PER_S: i64 = 1_000_000_000;

impl MonoTime {
    /// Before every sample.
    pub const MIN: Self = Self(i64::MIN);

    /// The time on the same axis in seconds; exact to the nanosecond up to 10⁶ s, to 0.3 µs on an epoch axis.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / NS_PER_S as f64
    }

    /// Rounds seconds to nanoseconds; NaN becomes 0 and what is out of range saturates.
    pub fn from_seconds(seconds: f64) -> Self {
        let whole = seconds.floor();
        let part = ((seconds - whole) * NS_PER_S as f64).round();
        Self((whole as i64).saturating_mul(NS_PER_S).saturating_add(part as i64))
    }

    /// Seconds from `earlier` to this.
    pub fn since(self, earlier: Self) -> f64 {
        self.0.saturating_sub(earlier.0) as f64 / NS_PER_S as f64
    }

    /// This plus so many seconds, saturating.
    pub fn plus(self, seconds: f64) -> Self {
        Self(self.0.saturating_add((seconds * NS_PER_S as f64) as i64))
    }
}

/// One reading of accelerometer and gyroscope. `f32` because that is what phones measure, and so that a recording, the
/// FFI and an import carry the very same bits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImuSample {
    /// When it was measured.
    pub t: MonoTime,
    /// Specific force in the phone frame.
    pub force_mps2: [f32; 3],
    /// Rotation rate in the phone frame; `None` without a gyroscope.
    pub rate_rad_s: Option<[f32; 3]>,
}

/// One position of a GNSS receiver or of the OS's fused provider, WGS84.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fix {
    /// When it was measured.
    pub t: MonoTime,
    /// Degrees north.
    pub lat_deg: f64,
    /// Degrees east.
    pub lon_deg: f64,
    /// Metres above the ellipsoid or the sea, whichever the platform says.
    pub alt_m: Option<f32>,
    /// Speed over ground.
    pub speed_mps: Option<f32>,
    /// Course over ground, clockwise from true north.
    pub bearing_deg: Option<f32>,
    /// Horizontal accuracy, 68 % radius.
    pub hacc_m: Option<f32>,
    /// When it reached the host. It never makes a fix late.
    pub arrived: Option<MonoTime>,
    /// The provider's own wall clock, epoch milliseconds.
    pub wall_ms: Option<i64>,
    /// The OS says that it comes from a mock provider.
    pub mock: bool,
}

/// How the axis of time relates to the wall clock, said at start and at every jump.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// The moment on the input's axis.
    pub mono: MonoTime,
    /// The same moment in epoch milliseconds; `None` when the wall clock is not set.
    pub wall_ms: Option<i64>,
    /// A new value means that the phone was restarted.
    pub boot_id: String,
    /// Minutes east of UTC.
    pub utc_offset_min: Option<i32>,
}

/// What the phone is doing, as the OS's activity recognition has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    /// Not moving.
    Still,
    /// On foot.
    Walking,
    /// On foot, fast.
    Running,
    /// On a bicycle.
    Cycling,
    /// In a motor vehicle.
    Automotive,
    /// Anything or nothing.
    Unknown,
}

/// A telephone call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// No call.
    None,
    /// Ringing.
    Ringing,
    /// In a call, phone at the ear.
    Handheld,
    /// In a call over a headset or the car.
    HandsFree,
}

/// What the OS lets the app see of the location.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// How often.
    pub level: PermissionLevel,
    /// Only to about a kilometre.
    pub reduced: bool,
}

/// How often the app may locate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PermissionLevel {
    /// At any time.
    Always,
    /// While the app is on screen.
    WhileInUse,
    /// Never.
    Denied,
}

/// What the OS woke the app for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waker {
    /// The phone left the plan's wake fence, or so the OS believes.
    Fence,
    /// The significant-motion sensor, or whatever the platform has of that kind.
    Motion,
}

/// A fact about the phone. It holds until the next of its kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// The OS's activity recognition, with its confidence 0–1 where it gives one.
    Activity(Activity, Option<f32>),
    /// Cumulative steps since boot.
    Steps(u64),
    /// Screen on.
    Screen(bool),
    /// Device locked.
    Lock(bool),
    /// A telephone call.
    Call(Call),
    /// On a charger.
    Charging(bool),
    /// The OS's power saving is on.
    PowerSave(bool),
    /// The location provider is on.
    Provider(bool),
    /// The car's audio: its name where connected.
    VehicleAudio(Option<String>),
    /// The limit of the road that is driven on; `None` is unknown.
    SpeedLimit(Option<f32>),
    /// What the OS lets the app see.
    Permission(Permission),
    /// The person agreed to be recorded.
    Consent(bool),
    /// The person is at work.
    Duty(bool),
    /// The OS woke the app. A moment, not a state.
    Wake(Waker),
}

impl Signal {
    /// Whether it says something about the person, and not only about what the phone lets us do.
    pub fn is_personal(&self) -> bool {
        match self {
            Signal::Activity(..) | Signal::Steps(_) | Signal::Screen(_) | Signal::Lock(_) | Signal::Call(_) => true,
            Signal::VehicleAudio(_) | Signal::SpeedLimit(_) | Signal::Wake(_) => true,
            Signal::Charging(_) | Signal::PowerSave(_) | Signal::Provider(_) | Signal::Permission(_) => false,
            Signal::Consent(_) | Signal::Duty(_) => false,
        }
    }
}

/// What the host or the driver asks for. Never dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Begin a trip now, whatever the sensors say.
    StartTrip,
    /// End the open trip now.
    StopTrip,
    /// Nothing happened: the impact that was told a moment ago was none.
    DenyImpact,
    /// A tag for the open or the next trip.
    Tag(String),
    /// Who drives from now on; empty is nobody.
    SetDriver(String),
    /// What is driven from now on; empty is none.
    SetVehicle(String),
    /// The host's own id for the open trip, else for the next; empty is none.
    ExternalId(String),
}
