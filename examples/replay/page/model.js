"use strict";
// The records joined: trips with their tracks, events, stops and scores. Decides nothing, counts nothing that a record
// does not say.

const TRIP_COLOURS = 8;

function buildModel(data) {
  const of = (name) => data.records.filter((r) => r.schema === `milepost.${name}/1`);
  const byTime = (a, b) => a.start_t_s - b.start_t_s || a.seq - b.seq;
  const tracks = new Map(data.tracks.map((track) => [track.trip_id, decodeTrack(track.data)]));
  const scores = new Map(of("score").map((score) => [score.trip_id, score]));
  const trips = of("trip").filter((trip) => trip.status === "ended").sort(byTime);
  const model = {
    version: data.version,
    leftOut: { records: data.records_left_out, waveforms: data.waveforms_left_out },
    ruleSets: data.rule_sets,
    series: decodeSeries(data.series),
    summary: of("summary")[0] ?? null,
    health: of("health").sort((a, b) => a.seq - b.seq),
    discarded: of("trip").filter((trip) => trip.status === "discarded").sort(byTime),
    trips: trips.map((record, i) => ({
      record,
      id: record.id,
      number: i + 1,
      colour: `trip${i % TRIP_COLOURS}`,
      start: record.start_t_s,
      end: record.end_t_s ?? record.t_s,
      track: tracks.get(record.id) ?? decodeTrack("AQA="),
      score: scores.get(record.id) ?? null,
    })),
  };
  model.config = model.summary?.config ?? {};
  const tripOf = new Map(model.trips.map((trip) => [trip.id, trip]));
  // Stops and events of a discarded trip do not count.
  const counts = (record) => record.trip_id === null || tripOf.has(record.trip_id);
  const wrap = (record, kind) => ({ record, kind, trip: tripOf.get(record.trip_id) ?? null, start: record.start_t_s, end: record.end_t_s });
  model.events = of("event").filter(counts).sort(byTime).map((r) => ({ ...wrap(r, eventKind(r.type)), peak: r.peak_t_s }));
  model.stops = of("stop").filter(counts).sort(byTime).map((r) => ({ ...wrap(r, stopKind(r.class)), stop: true }));
  model.gaps = of("gap").sort(byTime).map((record) => ({ record, start: record.start_t_s, end: record.end_t_s }));
  model.clock = clockOf(data.records);
  [model.from, model.to] = extent(model);
  project(model);
  return model;
}

/** Seconds to add to `t_s` to get local time as if it were UTC, or null where the wall clock is not known. */
function clockOf(records) {
  const known = records.find((r) => r.occurred_at !== null && r.occurred_at !== undefined);
  if (!known) return null;
  return known.occurred_at / 1000 - known.t_s + (known.utc_offset_min ?? 0) * 60;
}

/** All of the time that anything is known of. */
function extent(model) {
  let from = Infinity, to = -Infinity;
  const take = (a, b) => {
    from = Math.min(from, a);
    to = Math.max(to, b);
  };
  const { series } = model;
  const n = series.index.length;
  if (n) take(series.start + series.index[0] * series.width, series.start + (series.index[n - 1] + 1) * series.width);
  for (const span of [...model.trips, ...model.events, ...model.stops]) take(span.start, span.end);
  if (!(from < to)) return Number.isFinite(from) ? [from - 30, from + 30] : [0, 60];
  return [from, to];
}

/** Metres east and north of the middle of everything; equal scales. */
function project(model) {
  let west = Infinity, east = -Infinity, south = Infinity, north = -Infinity;
  const see = (lon, lat) => {
    west = Math.min(west, lon);
    east = Math.max(east, lon);
    south = Math.min(south, lat);
    north = Math.max(north, lat);
  };
  for (const { track } of model.trips) for (let i = 0; i < track.t.length; i++) see(track.lon[i], track.lat[i]);
  for (const { record } of [...model.events, ...model.stops]) if (record.position) see(...record.position);
  model.isPlaced = west <= east;
  const lon0 = (west + east) / 2, lat0 = (south + north) / 2;
  const metresPerDeg = 111_195;
  const squeeze = Math.max(0.01, Math.cos((lat0 * Math.PI) / 180));
  model.xy = ([lon, lat]) => [(lon - lon0) * metresPerDeg * squeeze, (lat - lat0) * metresPerDeg];
  for (const trip of model.trips) {
    const { lon, lat, t } = trip.track;
    trip.x = new Float64Array(t.length);
    trip.y = new Float64Array(t.length);
    for (let i = 0; i < t.length; i++) [trip.x[i], trip.y[i]] = model.xy([lon[i], lat[i]]);
  }
  for (const mark of [...model.events, ...model.stops]) mark.xy = mark.record.position && model.xy(mark.record.position);
}

/** The index of the last value that is not above `x`, or -1. */
function lastAtOrBefore(values, x) {
  let low = 0, high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= x) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The trip that was on at `t`. */
const tripAt = (model, t) => model.trips.find((trip) => t >= trip.start && t <= trip.end) ?? null;

/** Where a trip was at `t`, in metres, or null. */
function placeAt(trip, t) {
  const times = trip.track.t;
  if (!times.length) return null;
  const i = Math.max(0, lastAtOrBefore(times, t));
  const j = Math.min(i + 1, times.length - 1);
  const part = j > i && t > times[i] ? Math.min(1, (t - times[i]) / Math.max(1e-9, times[j] - times[i])) : 0;
  return [trip.x[i] + part * (trip.x[j] - trip.x[i]), trip.y[i] + part * (trip.y[j] - trip.y[i])];
}

/** A time for people: of the day where the clock is known, else since the beginning. */
function timeText(model, t, seconds = true) {
  const local = model.clock === null ? t - model.from : t + model.clock;
  const s = Math.round(local * (seconds ? 1 : 1 / 60)) * (seconds ? 1 : 60);
  const two = (x) => String(x).padStart(2, "0");
  const day = model.clock === null ? Math.floor(s / 3600) : Math.floor((((s % 86400) + 86400) % 86400) / 3600);
  const rest = ((s % 3600) + 3600) % 3600;
  return `${two(day)}:${two(Math.floor(rest / 60))}${seconds ? `:${two(rest % 60)}` : ""}`;
}

/** The day, or nothing where the clock is not known. */
function dayText(model, t) {
  if (model.clock === null) return "";
  return new Date((t + model.clock) * 1000).toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
}
