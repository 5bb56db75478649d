"use strict";
// An event opened: its waveform at 25 Hz with its threshold, why it is one, and everything its record says.

/** Seconds of the series shown around an event that has no waveform. */
const AROUND_S = 15;

/** Shows `event` in `box`; returns what destroys its chart. */
function showEvent(model, pyramid, event, box) {
  const { record, kind } = event;
  const limit = thresholdOf(model, record);
  const plot = h("div", { class: "waveform", role: "img" });
  box.replaceChildren(
    h("p", { class: "reason", id: "reason" }, reason(model, record, kind, limit)),
    h("p", { class: "reason muted" }, confidence(record)),
    plot,
    record.weighed?.length ? weighed(record) : "",
    fields(model, record, limit));
  const chart = record.evidence ? waveform(model, record, kind, limit, plot) : around(model, pyramid, event, plot);
  return () => chart?.destroy();
}

/** What an event had to reach, {value, key, text}, or null. */
function thresholdOf(model, record) {
  const { config } = model;
  const kind = eventKind(record.type);
  // An event from fixes alone has a threshold of its own, which its record says.
  const own = record.threshold_mps2 ?? config[kind.key];
  if (kind.key && Number.isFinite(own)) return { value: own, key: kind.key, text: `${number(own, 2)} m/s²` };
  if (record.type === "driving.speeding" && record.limit_mps !== null) {
    const value = record.limit_mps * (1 + (config.speeding_tolerance ?? 0));
    return { value, key: "speeding_tolerance", text: `${kmh(value)}` };
  }
  if (record.type === "driving.idling" && config.idling_min_s) return { value: config.idling_min_s, key: "idling_min_s", text: duration(config.idling_min_s) };
  if (record.type === "driving.phone_handling" && config.handling_min_s) {
    return { value: config.handling_min_s, key: "handling_min_s", text: `${duration(config.handling_min_s)} above ${kmh(config.handling_min_speed_mps)}` };
  }
  if (record.type === "driving.impact" && config.impact_trigger_mps2) return { value: config.impact_trigger_mps2, key: "impact_trigger_mps2", text: `${number(config.impact_trigger_mps2 / 9.80665, 1)} g` };
  return null;
}

/** Why it is an event, in a sentence or two. */
function reason(model, record, kind, limit) {
  const { config } = model;
  const took = duration(record.end_t_s - record.start_t_s);
  const severity = record.severity ? ` Severity ${record.severity}` : "";
  if (kind.key && limit && record.peak_mps2 !== null) {
    const times = record.peak_mps2 / limit.value;
    const turned = record.type !== "driving.harsh_cornering" || record.heading_change_deg === null ? "" : `, ${number(Math.abs(record.heading_change_deg))}° to the ${record.heading_change_deg > 0 ? "right" : "left"}`;
    const speeds = record.speed_in_mps === null || record.speed_out_mps === null ? "" : `, from ${kmh(record.speed_in_mps)} to ${kmh(record.speed_out_mps)}`;
    return `${kind.did} with up to ${number(record.peak_mps2, 2)} m/s² for ${took}${turned}${speeds}. Harsh begins at ${limit.text}: this is ${number(times, 2)} times that.`
      + `${severity} (medium from ${number(config.severity_medium_ratio, 1)} times, high from ${number(config.severity_high_ratio, 1)}).`;
  }
  if (record.type === "driving.speeding") {
    const part = record.limit_mps ? ` (${number((100 * record.over_mps) / record.limit_mps)} % over)` : "";
    return `Up to ${kmh(record.over_mps)} over the limit of ${kmh(record.limit_mps)}${part} for ${took} and ${metres(record.distance_m)}. It counts above ${limit?.text ?? "the limit"} for ${duration(config.speeding_min_s)}.`
      + `${severity} (medium from ${number(100 * config.speeding_medium_ratio)} %, high from ${number(100 * config.speeding_high_ratio)} % over).`;
  }
  if (record.type === "driving.phone_handling") return `The phone was in a hand for ${took} and ${metres(record.distance_m)} while moving at ${kmh(record.speed_in_mps)}. It counts from ${limit?.text ?? "some seconds"}.${severity ? `${severity}.` : ""} A passenger's hand looks like the driver's.`;
  if (record.type === "driving.idling") return `The engine ran and nothing moved for ${took}. It counts from ${limit?.text ?? "two minutes"}.`;
  if (record.type === "driving.impact") {
    return `Hit with up to ${number((record.peak_mps2 ?? NaN) / 9.80665, 1)} g at ${kmh(record.speed_in_mps)}. An impact is looked for from ${limit?.text ?? "2 g"}, `
      + `and reported when what follows makes it at least ${number(100 * (config.impact_min_confidence ?? 0.5))} % likely.${severity ? `${severity}.` : ""}`;
  }
  return `${kind.label} for ${took}.`;
}

function confidence(record) {
  const sure = `${number(100 * record.confidence)} % sure that it happened. `;
  return record.status === "unconfirmed" ? `${sure}Unconfirmed: it passed every threshold, but GNSS did not agree or was absent. It never enters a score.`
    : `${sure}Confirmed: nothing that was measured speaks against it.`;
}

/** What spoke for and against an impact. */
function weighed(record) {
  const most = Math.max(...record.weighed.map((item) => Math.abs(item.weight)), 1);
  return h("div", { class: "weighed small" }, h("p", { class: "muted" }, "What was weighed, as log odds of a crash"),
    record.weighed.map(({ what, value, weight }) => {
      const [label, unit, scale] = WEIGHED[what] ?? [plain(what), "", 1];
      return h("div", {}, h("span", {}, label), h("span", {}, `${number(value * scale, 1)}${unit}`),
        h("span", { class: "odds" }, h("i", { class: weight < 0 ? "against" : "for", style: `width:${(50 * Math.abs(weight)) / most}%` })),
        h("b", {}, `${weight > 0 ? "+" : ""}${number(weight, 1)}`));
    }));
}

/** The record's 25 Hz evidence with the threshold. */
function waveform(model, record, kind, limit, box) {
  const { rate_hz, t0_s, ...columns } = record.evidence;
  const in_mps2 = (column) => (column ?? []).map((v) => v / 100);
  const long = in_mps2(columns.a_long_cmps2), lat = in_mps2(columns.a_lat_cmps2), vert = in_mps2(columns.a_vert_cmps2);
  const t = long.map((_, i) => t0_s + i / rate_hz);
  const lines = limit && kind.axis ? (kind.sign ? [kind.sign * limit.value] : [limit.value, -limit.value]) : [];
  const strong = (axis) => ({ width: kind.axis && kind.axis !== axis ? 1.2 : 2.2, alpha: kind.axis && kind.axis !== axis ? 0.65 : 1 });
  box.setAttribute("aria-label", `Waveform: ${t.length} samples at ${number(rate_hz)} Hz` + (limit && kind.axis ? `, threshold ${limit.text}` : ""));
  return eventChart(model, record, box, [t, long, lat, vert],
    [{ label: "along", colour: "long", ...strong("long") }, { label: "across", colour: "lat", ...strong("lat") }, { label: "up", colour: "vert", ...strong("vert") }],
    lines, "m/s²", limit && kind.axis ? `threshold ${limit.text}` : "");
}

/** Speed around an event whose record carries no waveform. */
function around(model, pyramid, event, box) {
  const { record } = event;
  const [t, speed] = envelope(pyramid, [0], record.start_t_s - AROUND_S, record.end_t_s + AROUND_S, 600);
  if (t.length < 2) {
    box.classList.add("none");
    box.append("This record carries no waveform.");
    return null;
  }
  const lines = record.type === "driving.speeding" && record.limit_mps !== null ? [record.limit_mps * 3.6] : [];
  box.setAttribute("aria-label", `Speed around the event${lines.length ? `, limit ${kmh(record.limit_mps)}` : ""}`);
  return eventChart(model, record, box, [t, speed.map((v) => (v === null ? null : v * 3.6))], [{ label: "speed", colour: "speed", width: 2 }], lines, "km/h",
    lines.length ? `limit ${kmh(record.limit_mps)}` : "");
}

function eventChart(model, record, box, data, series, lines, unit, lineLabel) {
  const legend = h("div", { class: "legend small" }, unit, series.map((s) => h("span", { style: `--c:var(--${s.colour})` }, s.label)),
    lineLabel && h("span", { class: "line", style: `--c:var(--brake)` }, lineLabel));
  const area = h("div");
  box.append(legend, area);
  const all = [...data.slice(1).flat().filter((v) => v !== null), ...lines];
  const low = Math.min(0, ...all), high = Math.max(0, ...all), margin = Math.max(0.3, 0.08 * (high - low));
  const chart = new uPlot({
    width: box.clientWidth || 340,
    height: 190,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { x: { time: false }, y: { range: () => [unit === "km/h" ? 0 : low - margin, high + margin] } },
    axes: [timeAxis(model), yAxis((v) => number(v, high - low < 3 && v % 1 ? 1 : 0))],
    series: [{}, ...series.map((s) => ({ stroke: () => colours[s.colour], width: s.width, alpha: s.alpha ?? 1, points: { show: false } }))],
    hooks: {
      drawClear: [(u) => {
        const a = u.valToPos(record.start_t_s, "x", true), b = u.valToPos(record.end_t_s, "x", true);
        u.ctx.save();
        u.ctx.globalAlpha = 0.13;
        u.ctx.fillStyle = colours[eventKind(record.type).colour];
        u.ctx.fillRect(Math.max(a, u.bbox.left), u.bbox.top, Math.min(b, u.bbox.left + u.bbox.width) - Math.max(a, u.bbox.left), u.bbox.height);
        u.ctx.restore();
      }],
      draw: [(u) => lines.forEach((y) => dashed(u, y))],
    },
  }, data, area);
  return chart;
}

/** Everything that the record says, but what is drawn. */
function fields(model, record, limit) {
  const drawn = new Set(["evidence", "schema", "position"]);
  const rows = Object.entries(record).filter(([name, value]) => !drawn.has(name) && value !== null);
  if (limit) rows.unshift([`threshold (${limit.key})`, limit.text]);
  if (record.position) rows.push(["position", `${record.position[1]}, ${record.position[0]}`]);
  return h("details", { class: "record" }, h("summary", {}, "The record"),
    h("dl", {}, rows.map(([name, value]) => [h("dt", {}, name), h("dd", {}, typeof value === "object" ? JSON.stringify(value) : String(value))])));
}
