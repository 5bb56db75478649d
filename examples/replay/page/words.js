"use strict";
// What things are called, look like and are measured in. Words that are not known here are shown as they are.

/** Types of events. `axis` and `sign` say where the threshold lies in the waveform; `rank` which wins on the map. */
const EVENTS = {
  "driving.impact": { label: "Impact", rank: 0, colour: "impact", icon: "M8 1.5v4M8 10.5v4M1.5 8h4M10.5 8h4M3.5 3.5l2.6 2.6M9.9 9.9l2.6 2.6M12.5 3.5L9.9 6.1M6.1 9.9l-2.6 2.6" },
  "driving.harsh_braking": { label: "Harsh braking", rank: 1, colour: "brake", axis: "long", sign: -1, key: "brake_mps2", did: "Slowed down", icon: "M4 3.5l4 3.8 4-3.8M4 8.2l4 3.8 4-3.8" },
  "driving.harsh_acceleration": { label: "Harsh acceleration", rank: 1.1, colour: "accelerate", axis: "long", sign: 1, key: "acceleration_mps2", did: "Sped up", icon: "M4 7.8L8 4l4 3.8M4 12.5l4-3.8 4 3.8" },
  "driving.harsh_cornering": { label: "Harsh cornering", rank: 1.2, colour: "corner", axis: "lat", sign: 0, key: "corner_mps2", did: "Turned", icon: "M4.5 13.5V10a4 4 0 0 1 4-4h3.7M9.6 3.2L12.4 6 9.6 8.8" },
  "driving.swerve": { label: "Swerve", rank: 1.3, colour: "swerve", axis: "lat", sign: 0, key: "swerve_mps2", did: "Swerved", icon: "M5.5 14c0-4.2 5-3.8 5-7.5 0-1.8-1.2-2.6-2.5-4.2M10.6 2.2L7.8 2.1l.2 2.9" },
  "driving.phone_handling": { label: "Phone in hand", rank: 2, colour: "phone", span: true, icon: "M5.3 2h5.4v12H5.3zM7.4 12h1.2" },
  "driving.speeding": { label: "Speeding", rank: 4, colour: "speeding", span: true, icon: "M2.8 11.5a5.3 5.3 0 1 1 10.4 0M8 11.2l3-4.4" },
  "driving.idling": { label: "Idling", rank: 5, colour: "idling", icon: "M6 4v8M10 4v8" },
};

/** Classes of stops. */
const STOPS = {
  delivery: { label: "Delivery", rank: 3, icon: "M2.8 5.2L8 2.5l5.2 2.7v5.6L8 13.5l-5.2-2.7zM2.8 5.2L8 8l5.2-2.8M8 8v5.5" },
  light: { label: "Traffic light", rank: 8, icon: "M5.5 2h5v12h-5zM8 4.9v.1M8 8v.1M8 11.1v.1" },
  jam: { label: "Jam", rank: 7, icon: "M2 10.5h5v-3H2zM9 10.5h5v-3H9z" },
  break: { label: "Break", rank: 6, icon: "M3.5 5h6.5v5a2.2 2.2 0 0 1-2.2 2.2H5.7A2.2 2.2 0 0 1 3.5 10zM10 6.2h1.2a1.6 1.6 0 0 1 0 3.2H10" },
  unknown: { label: "Stop", rank: 9, icon: "M6 6.2a2 2 0 1 1 2.7 1.9c-.6.3-.7.7-.7 1.4M8 12v.1" },
};

const MODES = { automotive: "by car", cycling: "by bicycle", bus: "by bus", rail: "by rail", walking: "on foot", running: "running", still: "standing", unknown: "by unknown means" };

const BLOCKERS = {
  no_consent: "the person has not agreed: nothing is sensed",
  off_duty: "off duty: nothing is sensed",
  provider_off: "the location provider is off",
  permission_denied: "the app may not locate",
  permission_while_in_use: "the app may locate only while on screen",
  reduced_accuracy: "only coarse positions are given",
  power_saving: "the phone saves power and withholds positions",
};

const CAUSES = {
  no_fix: "the phone was awake, positions were missing: a tunnel, a car park",
  no_input: "nothing was heard at all",
  provider_off: "the location provider was switched off",
  permission: "the permission was taken away",
  reboot: "the phone was restarted",
  planned: "the plan had asked for nothing",
};

const NO_SCORE = {
  too_short: "too short to say anything",
  on_foot: "nobody drove",
  passenger: "as a passenger of a bus or a train",
  no_motion_sensor_nor_speed: "no motion sensor with a known mount, and no speeds",
  no_motion_sensor: "no motion sensor with a known mount",
  no_speed_limits: "speed limits were not known",
  no_gyroscope_or_mount: "handling of the phone could not have been seen",
  not_in_ruleset: "the rules do not rate it",
  nothing_could_be_seen: "no category has a number",
};

/** What is weighed of an impact: name, unit, and how many of them are one in the record. */
const WEIGHED = {
  peak: ["peak", " g", 1 / 9.80665],
  delta_v: ["change of velocity", " km/h", 3.6],
  vertical: ["of it up or down", " %", 100],
  speed_lost: ["speed lost", " %", 100],
  rest: ["at rest", " s", 1],
  turned: ["phone lies otherwise by", "°", 1],
  free_fall: ["free fall before", " s", 1],
  riding: ["vibration before", " m/s²", 1],
};

const CATEGORIES = {
  braking: { label: "Braking", types: ["driving.harsh_braking"] },
  acceleration: { label: "Acceleration", types: ["driving.harsh_acceleration"] },
  cornering: { label: "Cornering", types: ["driving.harsh_cornering", "driving.swerve"] },
  speeding: { label: "Speeding", types: ["driving.speeding"] },
  phone: { label: "Phone", types: ["driving.phone_handling"] },
};

const plain = (word) => String(word ?? "").replace(/^driving\./, "").replace(/_/g, " ");
const eventKind = (type) => EVENTS[type] ?? { label: plain(type), rank: 3, colour: "idling", icon: STOPS.unknown.icon };
const stopKind = (name) => STOPS[name] ?? { ...STOPS.unknown, label: plain(name) };

const MINUS = "\u2212";
/** A number for people, or a dash. */
function number(value, decimals = 0) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "\u2013";
  const text = Math.abs(value).toLocaleString("en-GB", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return value < 0 && /[1-9]/.test(text) ? MINUS + text : text;
}
const kmh = (mps, decimals = 0) => (mps === null || mps === undefined ? "\u2013" : `${number(mps * 3.6, decimals)} km/h`);
const metres = (m) => (m === null || m === undefined ? "\u2013" : m < 1000 ? `${number(m)} m` : `${number(m / 1000, m < 1e5 ? 1 : 0)} km`);

/** Seconds as "45 s", "12 min", "3 h 05". */
function duration(s) {
  if (s === null || s === undefined) return "\u2013";
  if (s > 0 && s < 9.95) return `${number(s, 1)} s`;
  if (s < 90) return `${number(s)} s`;
  const minutes = Math.round(s / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
}
