"use strict";
// Puts the page together.

const DATA = JSON.parse(byId("data").textContent);
const MODEL = buildModel(DATA);
const PYRAMID = buildPyramid(MODEL.series);
const VIEW = makeView(MODEL);

/** Harsh manoeuvres belong to the accelerations, the rest to the speed. */
const isManoeuvre = (event) => Boolean(event.kind.axis) || event.record.type === "driving.impact";

function header() {
  const { trips, events, stops } = MODEL;
  const sum = (of) => trips.reduce((total, trip) => total + (of(trip.record) ?? 0), 0);
  const scores = trips.map((trip) => trip.score?.overall.value).filter((v) => v !== null && v !== undefined);
  const range = scores.length ? [Math.min(...scores), Math.max(...scores)].map((v) => number(v)) : null;
  const day = trips.length || MODEL.series.index.length ? [...new Set([dayText(MODEL, MODEL.from), dayText(MODEL, MODEL.to)])].filter(Boolean).join(" \u2013 ") : "";
  byId("day").textContent = day;
  const harsh = events.filter(isManoeuvre);
  const tiles = [
    ["Trips", number(trips.length)],
    ["Distance", metres(sum((r) => r.distance_m))],
    ["On the road", duration(sum((r) => r.duration_s))],
    ["Deliveries", number(stops.filter((s) => s.record.class === "delivery").length)],
    ["Harsh events", number(harsh.length)],
    ["Trip scores", range ? (range[0] === range[1] ? range[0] : `${range[0]}\u2013${range[1]}`) : "\u2013"],
  ];
  byId("tiles").append(...tiles.map(([name, value]) => h("div", { class: "tile" }, h("dt", {}, name), h("dd", {}, value))));
}

/** Which kinds of events and stops are shown. */
function chips() {
  const kinds = new Map();
  for (const mark of [...MODEL.events, ...MODEL.stops]) {
    const name = kindName(mark);
    kinds.set(name, { mark, n: (kinds.get(name)?.n ?? 0) + 1 });
  }
  const sorted = [...kinds].sort(([, a], [, b]) => a.mark.kind.rank - b.mark.kind.rank);
  byId("chips").replaceChildren(...sorted.map(([name, { mark, n }]) =>
    h("button", { type: "button", class: "chip", "aria-pressed": String(!VIEW.hidden.has(name)), "data-kind": name, onclick: () => VIEW.toggle(name) },
      badge(mark.kind, { stop: mark.stop }), mark.kind.label, h("span", { class: "count" }, String(n)))));
}

function chooser() {
  const select = byId("trip");
  select.append(h("option", { value: "" }, MODEL.trips.length ? `All ${MODEL.trips.length} trips` : "No trips"),
    ...MODEL.trips.map((trip) => h("option", { value: trip.id }, `Trip ${trip.number}: ${timeText(MODEL, trip.start, false)}\u2013${timeText(MODEL, trip.end, false)}, ${metres(trip.record.distance_m)}`)));
  select.disabled = !MODEL.trips.length;
  select.addEventListener("change", () => VIEW.setTrip(MODEL.trips.find((trip) => trip.id === select.value) ?? null));
  VIEW.on("trip", () => (select.value = VIEW.trip?.id ?? ""));
}

function charts() {
  const { config } = MODEL;
  const hasSeries = MODEL.series.index.length > 0;
  for (const id of ["charts", "strip-box"]) byId(id).hidden = !hasSeries;
  if (!hasSeries) return {};
  const fastest_kmh = 3.6 * Math.max(...MODEL.trips.map((trip) => trip.record.max_speed_mps ?? Infinity), MODEL.trips.length ? 0 : Infinity);
  const speed = makeChart(MODEL, VIEW, PYRAMID, byId("speed"), {
    channels: [0],
    series: [{ stroke: () => colours.speed, fill: () => colours.speedFill }],
    // What trips say was the fastest: a lone wild state outside of trips would flatten all the rest.
    range: (u, min, max) => [0, Math.max(30, Math.min(max ?? 0, fastest_kmh) * 1.08)],
    marks: MODEL.events.filter((e) => !isManoeuvre(e)),
    values: (v) => number(v),
    scale: 3.6,
  });
  const known = [config.brake_mps2 && -config.brake_mps2, config.acceleration_mps2].filter(Number.isFinite);
  const accelerations = makeChart(MODEL, VIEW, PYRAMID, byId("accelerations"), {
    channels: [1, 2, 3],
    series: [
      { stroke: () => colours.long, label: "along" },
      { stroke: () => colours.lat, label: "across" },
      { stroke: () => colours.vert, label: "up", show: false },
    ],
    range: (u, min, max) => {
      const top = Math.max(3.5, Math.abs(min ?? 0), Math.abs(max ?? 0)) * 1.08;
      return [-top, top];
    },
    marks: MODEL.events.filter(isManoeuvre),
    values: (v) => number(v, v % 1 ? 1 : 0),
    thresholds: known,
    scale: 1,
  });
  for (const [i, name] of [[1, "long"], [2, "lat"], [3, "vert"]]) {
    const button = byId(`show-${name}`);
    button.addEventListener("click", () => {
      const show = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(show));
      accelerations.chart.setSeries(i, { show });
    });
  }
  makeStrip(MODEL, VIEW, PYRAMID, byId("strip"));
  return { speed, accelerations };
}

/** A window shorter than this is said with seconds. */
const EXACT_S = 600;

function readout() {
  const t = VIEW.hover;
  const values = t === null ? null : valuesAt(PYRAMID, t);
  VIEW.hoverValues = values;
  const [speed, long, lat] = values ?? [null, null, null];
  const exact = VIEW.to - VIEW.from < EXACT_S;
  byId("at").textContent = t === null ? `${timeText(MODEL, VIEW.from, exact)}\u2013${timeText(MODEL, VIEW.to, exact)}` : timeText(MODEL, t);
  byId("speed-now").textContent = t === null ? "" : kmh(speed);
  byId("long-now").textContent = t === null ? "" : `${number(long, 1)}`;
  byId("lat-now").textContent = t === null ? "" : `${number(lat, 1)}`;
}

header();
chips();
chooser();
VIEW.on("filter", chips);
// Before the map and the charts listen: they show what it works out.
for (const what of ["hover", "window"]) VIEW.on(what, readout);
const CHARTS = charts();
byId("no-map").hidden = MODEL.isPlaced;
const MAP = makeMap(MODEL, VIEW, byId("map"));
makePanel(MODEL, VIEW, PYRAMID, byId("panel"));
readout();
byId("version").textContent = MODEL.version;
for (const [id, work] of Object.entries({
  "map-in": () => MAP.zoom(1.5),
  "map-out": () => MAP.zoom(1 / 1.5),
  "map-all": () => MAP.reset(),
  "time-in": () => VIEW.zoom(0.5),
  "time-out": () => VIEW.zoom(2),
  "time-all": () => VIEW.setTrip(null),
})) byId(id).addEventListener("click", work);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  readColours();
  VIEW.themeChanged();
});
// A narrow window of an opened event is no use: the charts go to it when it is not in sight.
VIEW.on("open", () => {
  const mark = VIEW.open;
  if (mark && (mark.end < VIEW.from || mark.start > VIEW.to)) {
    const width = VIEW.to - VIEW.from;
    VIEW.setWindow(mark.start - width / 2, mark.start + width / 2);
  }
});
