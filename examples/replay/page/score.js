"use strict";
// A trip's score explained, category by category, with the arithmetic of its rule set. The number is the record's; the
// points are worked back from it, as the record does not say them.

/** From here on good, and from here on fair. */
const GOOD = 85, FAIR = 70;
const grade = (value) => (value === null ? "none" : value >= GOOD ? "good" : value >= FAIR ? "fair" : "poor");

/** A ring with the number in it. */
function scoreRing(score, size = 46) {
  const value = score?.value ?? null;
  const r = 19, around = 2 * Math.PI * r;
  return svg("svg", { viewBox: "0 0 46 46", width: size, height: size, class: `ring ${grade(value)}`, role: "img", "aria-label": value === null ? "no score" : `score ${number(value)} of 100` },
    svg("circle", { cx: 23, cy: 23, r, class: "rail" }),
    value !== null && svg("circle", { cx: 23, cy: 23, r, class: "arc", "stroke-dasharray": `${(value / 100) * around} ${around}`, transform: "rotate(-90 23 23)" }),
    svg("text", { x: 23, y: 28, "text-anchor": "middle" }, value === null ? "\u2013" : number(value)));
}

/** All categories of a trip's score. */
function explainScore(model, trip) {
  const { score } = trip;
  if (!score) return h("p", { class: "muted" }, "This trip has no score.");
  const rules = model.ruleSets[score.overall.ruleset] ?? {};
  const { overall } = score;
  return h("div", { class: "scores" },
    Object.entries(score.categories).map(([name, one]) => category(model, trip, name, one, rules[name])),
    h("p", { class: "muted small" },
      overall.value === null ? `No overall number: ${NO_SCORE[overall.reason] ?? plain(overall.reason)}.`
        : `Overall ${number(overall.value, 1)}: the geometric mean by weight of the categories that have a number. `
          + `Confidence ${number(overall.confidence, 2)}: it rests on ${number(overall.exposure_km, 1)} km.`,
      ` Rules: ${overall.ruleset}.`));
}

function category(model, trip, name, score, rule) {
  const label = CATEGORIES[name]?.label ?? plain(name);
  const value = score.value;
  const events = model.events.filter((e) => e.trip === trip && CATEGORIES[name]?.types.includes(e.record.type));
  return h("details", { class: `category ${grade(value)}` },
    h("summary", {},
      h("span", { class: "name" }, label),
      h("span", { class: "bar" }, h("i", { style: `width:${value ?? 0}%` })),
      h("b", {}, value === null ? "\u2013" : number(value, 1))),
    h("div", { class: "why small" }, value === null
      ? h("p", {}, `No number: ${NO_SCORE[score.reason] ?? plain(score.reason)}.`)
      : arithmetic(score, rule, events)));
}

function arithmetic(score, rule, events) {
  const counted = events.filter((e) => e.record.status === "confirmed");
  const unconfirmed = events.length - counted.length;
  const by = (severity) => counted.filter((e) => (e.record.severity ?? "low") === severity).length;
  const what = ["low", "medium", "high"].map((s) => [by(s), s]).filter(([n]) => n).map(([n, s]) => `${n} ${s}`).join(", ");
  const lines = [counted.length ? `${counted.length} confirmed event${counted.length > 1 ? "s" : ""}: ${what}.` : "No confirmed event."];
  if (unconfirmed) lines.push(`${unconfirmed} unconfirmed: never in a score.`);
  if (rule) {
    const per = { event: "an event, by severity", km: "a kilometre of it, by severity", second: "a second of it, by speed" }[rule.per];
    lines.push(`Costs ${rule.points.join(" / ")} points ${per}; weight ${number(rule.weight * 100)} %.`);
    lines.push(formula(score, rule.form));
  }
  lines.push(`Seen on ${number(score.exposure_km, 1)} km; confidence ${number(score.confidence, 2)}.`);
  return lines.map((line) => h("p", {}, line));
}

function formula(score, form) {
  if (!form) return `100 less the points: ${number(score.value, 1)}.`;
  const rate = -form.scale * Math.log(Math.max(score.value, 1e-6) / 100);
  const points = Math.max(0, rate * (score.exposure_km + form.prior_km) - form.prior_points);
  return `(${number(points, 1)} points + ${form.prior_points} that everyone begins with) ÷ (${number(score.exposure_km, 1)} km + ${form.prior_km}) `
    + `= ${number(rate, 3)} a km; 100 · exp(${MINUS}${number(rate, 3)} ÷ ${form.scale}) = ${number(score.value, 1)}.`;
}
