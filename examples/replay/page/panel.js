"use strict";
// The lists beside the map: trips with their scores, events, stops, and what stood in the way.

const TABS = { trips: "Trips", events: "Events", stops: "Stops", health: "Health" };

function makePanel(model, view, pyramid, root) {
  let tab = "trips", destroy = null;
  const tabs = h("div", { class: "tabs", role: "tablist" });
  const body = h("div", { class: "panel-body", role: "tabpanel", tabindex: -1 });
  const sheet = h("section", { class: "sheet", "aria-label": "Event", hidden: true });
  root.append(tabs, body, sheet);

  const shown = (list) => list.filter(view.shows);
  function draw() {
    const counts = { trips: model.trips.length, events: shown(model.events).length, stops: shown(model.stops).length, health: null };
    tabs.replaceChildren(...Object.entries(TABS).map(([name, label]) =>
      h("button", { role: "tab", type: "button", "aria-selected": String(tab === name), "data-tab": name, onclick: () => { tab = name; draw(); } },
        label, counts[name] !== null && h("span", { class: "count" }, number(counts[name])))));
    body.replaceChildren(...{ trips: tripList, events: eventList, stops: stopList, health: healthList }[tab]().filter(Boolean));
  }

  const filterNote = () => view.trip && h("button", { type: "button", class: "note", onclick: () => view.setTrip(null) },
    `Only trip ${view.trip.number}`, h("span", {}, "show all ×"));

  function tripList() {
    if (!model.trips.length) return [nothing("No trip was found.", why()), discarded()];
    return [...model.trips.map(tripCard), discarded()];
  }

  function tripCard(trip) {
    const { record } = trip;
    const isChosen = view.trip === trip;
    const events = model.events.filter((e) => e.trip === trip);
    const kinds = new Map();
    for (const event of events) kinds.set(event.kind, (kinds.get(event.kind) ?? 0) + 1);
    const stops = model.stops.filter((s) => s.trip === trip && s.record.class === "delivery").length;
    return h("article", { class: `trip${isChosen ? " chosen" : ""}`, style: `--c:var(--${trip.colour})` },
      h("button", { type: "button", class: "trip-head", "aria-pressed": String(isChosen), onclick: () => view.setTrip(isChosen ? null : trip) },
        scoreRing(trip.score?.overall),
        h("span", { class: "trip-text" },
          h("b", {}, `${timeText(model, trip.start, false)}\u2013${timeText(model, trip.end, false)}`),
          h("span", {}, `${metres(record.distance_m)} in ${duration(record.duration_s)} ${MODES[record.mode] ?? plain(record.mode)}`),
          h("span", { class: "tally" },
            stops > 0 && h("span", { title: "Deliveries" }, badge(STOPS.delivery, { stop: true }), String(stops)),
            [...kinds].sort(([a], [b]) => a.rank - b.rank).map(([kind, n]) => h("span", { title: kind.label }, badge(kind), String(n)))))),
      isChosen && tripDetails(trip));
  }

  function tripDetails(trip) {
    const { record } = trip;
    const facts = [
      ["Top speed", kmh(record.max_speed_mps)],
      ["Ended by", plain(record.end_reason)],
      record.idling_s && ["Idling", duration(record.idling_s)],
      record.night_s && ["At night", duration(record.night_s)],
      record.missed_start_m && ["Missed start", metres(record.missed_start_m)],
      record.start_inferred && ["Start", "worked out, not seen"],
      record.driver_id !== null && ["Driver", record.driver_id],
      record.vehicle_id !== null && ["Vehicle", record.vehicle_id],
      record.tags?.length && ["Tags", record.tags.join(", ")],
      record.legs?.length > 1 && ["Legs", record.legs.map((leg) => `${plain(leg.mode)} ${metres(leg.distance_m)}`).join(" \u2192 ")],
    ].filter(Boolean);
    const gaps = model.gaps.filter((gap) => gap.end > trip.start && gap.start < trip.end);
    return h("div", { class: "trip-more" },
      explainScore(model, trip),
      h("dl", {}, facts.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
      gaps.map(gapLine));
  }

  const gapLine = (gap) => h("p", { class: "small" }, h("b", {}, `Gap ${timeText(model, gap.start)}, ${duration(gap.end - gap.start)}: `), CAUSES[gap.record.cause] ?? plain(gap.record.cause));

  function eventList() {
    const events = shown(model.events);
    if (!events.length) return [filterNote(), nothing(model.events.length ? "No such event is shown." : "No event was found.")];
    return [filterNote(), h("div", { class: "rows" }, events.map(eventRow))];
  }

  function eventRow(event) {
    const { record, kind } = event;
    const unconfirmed = record.status === "unconfirmed";
    const size = record.over_mps !== null && record.over_mps !== undefined ? `+${kmh(record.over_mps)}` : record.peak_mps2 !== null ? `${number(record.peak_mps2, 1)} m/s²` : duration(event.end - event.start);
    return h("button", { type: "button", class: `row${view.open === event ? " chosen" : ""}`, "data-type": record.type, onclick: () => view.setOpen(event) },
      badge(kind, { hollow: unconfirmed }),
      h("span", { class: "row-text" }, h("b", {}, kind.label),
        h("span", {}, `${timeText(model, event.start)}${event.trip && !view.trip ? ` · trip ${event.trip.number}` : ""}${unconfirmed ? " · unconfirmed" : ""}`)),
      h("span", { class: `severity ${record.severity ?? ""}` }, size));
  }

  function stopList() {
    const stops = shown(model.stops);
    if (!stops.length) return [filterNote(), nothing(model.stops.length ? "No such stop is shown." : "No stop was found.")];
    return [filterNote(), h("div", { class: "rows" }, stops.map((stop) =>
      h("button", { type: "button", class: `row${view.open === stop ? " chosen" : ""}`, onclick: () => view.setOpen(stop) },
        badge(stop.kind, { stop: true }),
        h("span", { class: "row-text" }, h("b", {}, stop.kind.label), h("span", {}, `${timeText(model, stop.start)} · ${number(100 * stop.record.confidence)} % sure`)),
        h("span", { class: "severity" }, duration(stop.end - stop.start)))))];
  }

  function healthList() {
    const counters = Object.entries(model.summary?.counters ?? {});
    const notable = counters.filter(([name, n]) => n > 0 && !/_taken$/.test(name));
    const facts = [
      ["Motion samples", number(model.summary?.counters?.imu_taken)],
      ["Positions", number(model.summary?.counters?.fixes_taken)],
      ["Signals", number(model.summary?.counters?.signals_taken)],
      ["Motion sensor", model.summary?.imu_rate_hz ? `${number(model.summary.imu_rate_hz)} Hz` : "none"],
      ["GNSS speeds late by", model.summary?.gnss_lag_s === null || !model.summary ? "not known" : `${number(model.summary.gnss_lag_s, 2)} s`],
      ["GNSS positions late by", model.summary?.gnss_position_lag_s === null || !model.summary ? "not known" : `${number(model.summary.gnss_position_lag_s, 2)} s`],
    ];
    return [
      h("h3", {}, "What stood in the way"),
      model.health.length ? h("ul", { class: "plain" }, model.health.map((r) => h("li", {}, h("b", {}, timeText(model, r.t_s)), " ",
        r.blockers.length ? r.blockers.map((b) => BLOCKERS[b] ?? plain(b)).join("; ") : "all is well again"))) : h("p", {}, "Nothing: every sensor and permission was there."),
      h("h3", {}, "Gaps"),
      model.gaps.length ? model.gaps.map(gapLine) : h("p", {}, `No time without positions inside a trip${model.config.gap_s ? ` of ${number(model.config.gap_s)} s or more` : ""}.`),
      h("h3", {}, "What came in"),
      table(facts),
      h("h3", {}, "What was refused or odd"),
      notable.length ? table(notable.map(([name, n]) => [plain(name), number(n)])) : h("p", {}, "Nothing."),
      leftOut(),
      h("details", { class: "record" }, h("summary", {}, `All ${counters.length} counters`), table(counters.map(([name, n]) => [name, number(n)]))),
      h("details", { class: "record" }, h("summary", {}, "Thresholds in force"), table(Object.entries(model.config).map(([name, v]) => [name, String(v)]))),
    ];
  }

  function leftOut() {
    const { records, waveforms } = model.leftOut;
    if (!records && !waveforms) return null;
    return h("p", { class: "note" }, `This page has room for so much: ${number(records)} records and ${number(waveforms)} waveforms are only in records.jsonl.`);
  }

  /** What explains that there is nothing, as far as records say. */
  function why() {
    const blockers = model.health.at(-1)?.blockers ?? [];
    if (blockers.length) return `In the way: ${blockers.map((b) => BLOCKERS[b] ?? plain(b)).join("; ")}.`;
    const counters = model.summary?.counters;
    if (counters && !counters.fixes_taken && !counters.imu_taken) return "Neither motion samples nor positions came in.";
    if (counters && !counters.fixes_taken) return "No position came in.";
    return "Nothing that moved far enough to be one.";
  }

  function discarded() {
    const gone = model.discarded.filter((r) => r.discard_reason !== "merged");
    if (!gone.length) return null;
    return h("details", { class: "record" }, h("summary", {}, `${gone.length} looked like a trip and ${gone.length > 1 ? "were" : "was"} none`),
      h("ul", { class: "plain" }, gone.map((r) => h("li", {}, h("b", {}, timeText(model, r.start_t_s)), ` ${plain(r.discard_reason)}, ${metres(r.distance_m)}`))));
  }

  function openSheet() {
    destroy?.();
    destroy = null;
    const mark = view.open;
    sheet.hidden = !mark;
    root.classList.toggle("has-sheet", Boolean(mark));
    if (!mark) return draw();
    const list = shown(mark.stop ? model.stops : model.events);
    const at = list.indexOf(mark);
    const step = (by, label, path) => h("button", { type: "button", class: "tool", "aria-label": label, disabled: !list[at + by], onclick: () => view.setOpen(list[at + by]) }, icon(path));
    const content = h("div", { class: "sheet-body" });
    sheet.replaceChildren(
      h("header", {}, badge(mark.kind, { stop: mark.stop, hollow: mark.record.status === "unconfirmed" }),
        h("div", {}, h("h2", {}, mark.kind.label), h("span", { class: "muted small" }, `${timeText(model, mark.start)}${mark.trip ? ` · trip ${mark.trip.number}` : ""}`)),
        step(-1, "Previous", "M10 3L5 8l5 5"), step(1, "Next", "M6 3l5 5-5 5"),
        h("button", { type: "button", class: "tool", "aria-label": "Close", onclick: () => view.setOpen(null) }, icon("M4 4l8 8M12 4l-8 8"))),
      content);
    if (mark.stop) stopDetails(mark, content);
    else destroy = showEvent(model, pyramid, mark, content);
    draw();
  }

  function stopDetails(stop, box) {
    box.replaceChildren(h("p", { class: "reason", id: "reason" }, `Stood for ${duration(stop.end - stop.start)}: ${stop.kind.label.toLowerCase()}, ${number(100 * stop.record.confidence)} % sure.`),
      fields(model, stop.record, null));
  }

  document.addEventListener("keydown", (event) => event.key === "Escape" && view.open && view.setOpen(null));
  view.on("open", openSheet);
  view.on("trip", () => {
    if (view.trip && !view.open) tab = "trips";
    draw();
    body.querySelector(".chosen")?.scrollIntoView({ block: "nearest" });
  });
  view.on("filter", draw);
  view.on("theme", () => view.open && openSheet());
  draw();
}

const nothing = (title, text) => h("div", { class: "nothing" }, h("b", {}, title), text && h("p", {}, text));
const table = (rows) => h("dl", {}, rows.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
