"use strict";
// Speed and accelerations over time with the events on them (uPlot). A chart never holds more points than its pixels
// can show: `envelope` gives them anew for every window.

/** Between a pointer and a mark on a chart, px. */
const MARK_REACH_PX = 11;

/** A chart in `box`. `channels` are places in the series, `marks` its events, `thresholds` lines to draw faintly. */
function makeChart(model, view, pyramid, box, { channels, series, range, marks, values, scale, thresholds = [] }) {
  const redraws = { count: 0, ms: 0 };
  let lane = [];
  const data = () => {
    const [t, ...columns] = envelope(pyramid, channels, view.from, view.to, Math.max(300, box.clientWidth * 1.2));
    return [t, ...columns.map((column) => column.map((v) => (v === null ? null : v * scale)))];
  };
  const chart = new uPlot(
    {
      width: box.clientWidth || 600,
      height: box.clientHeight || 160,
      padding: [24, 16, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false },
        points: { size: 7 },
        sync: { key: "time", setSeries: false },
        bind: { dblclick: () => () => view.setTrip(view.trip) },
      },
      scales: { x: { time: false, auto: false, range: (u, min, max) => [min, max] }, y: { range } },
      axes: [timeAxis(model), yAxis(values)],
      series: [{}, ...series.map((s) => ({ width: 1.2, points: { show: false }, ...s }))],
      hooks: {
        drawClear: [(u) => background(u, model, view)],
        draw: [(u) => {
          thresholds.forEach((y) => dashed(u, y));
          lane = drawLane(u, view, marks);
        }],
        setCursor: [(u) => u.cursor.event && view.setHover(u.cursor.left >= 0 ? u.posToVal(u.cursor.left, "x") : null)],
        setSelect: [(u) => {
          if (u.select.width < 4) return;
          const [from, to] = [u.select.left, u.select.left + u.select.width].map((px) => u.posToVal(px, "x"));
          u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
          view.setWindow(from, to);
        }],
      },
    },
    [[], ...series.map(() => [])],
    box,
  );
  const markAt = (px) => {
    const near = lane.filter((m) => Math.abs(m.px - px) < MARK_REACH_PX).sort((a, b) => Math.abs(a.px - px) - Math.abs(b.px - px));
    return near[0]?.mark ?? null;
  };

  /** Where the pointer is elsewhere, on the map or on the strip, the cursor shows its time here. */
  function follow() {
    if (document.querySelector(".u-over:hover")) return;
    const px = view.hover === null ? -10 : chart.valToPos(view.hover, "x");
    chart.setCursor({ left: px, top: px < 0 ? -10 : 10 }, false);
  }
  const show = perFrame(() => {
    const before = performance.now();
    chart.batch(() => {
      chart.setData(data(), false);
      chart.setScale("x", { min: view.from, max: view.to });
    });
    follow();
    redraws.count++;
    redraws.ms += performance.now() - before;
  });
  const over = chart.over;
  // The badges stand above what uPlot listens to.
  const markUnder = (event) => {
    const area = over.getBoundingClientRect();
    return event.clientY < area.top + MARK_REACH_PX ? markAt(event.clientX - area.left) : null;
  };
  let pressed = 0;
  chart.root.addEventListener("mousedown", (event) => (pressed = event.clientX));
  chart.root.addEventListener("click", (event) => {
    const mark = markUnder(event);
    if (mark && Math.abs(event.clientX - pressed) < 4) view.setOpen(mark);
  });
  chart.root.addEventListener("mousemove", (event) => {
    const mark = markUnder(event);
    chart.root.style.cursor = mark ? "pointer" : "";
    chart.root.title = mark ? `${mark.kind.label}, ${timeText(model, mark.peak)}` : "";
    if (mark) view.setHover(mark.peak);
  });
  over.addEventListener("mouseleave", () => view.setHover(null));
  over.addEventListener("wheel", (event) => {
    // A plain wheel scrolls the page; with a modifier, or sideways, it is for the chart.
    if (!(event.ctrlKey || event.metaKey || event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))) return;
    event.preventDefault();
    const width = view.to - view.from;
    if (event.ctrlKey || event.metaKey) view.zoom(Math.exp(event.deltaY * 0.002), chart.posToVal(event.offsetX, "x"));
    else {
      const step = ((event.deltaX || event.deltaY) / over.clientWidth) * width;
      view.setWindow(view.from + step, view.to + step);
    }
  }, { passive: false });
  touch(chart, view, markAt);
  new ResizeObserver(() => {
    chart.setSize({ width: box.clientWidth, height: box.clientHeight });
    show();
  }).observe(box);
  view.on("window", show);
  for (const what of ["trip", "filter", "open"]) view.on(what, () => chart.redraw(false));
  view.on("theme", () => chart.redraw(false, true));
  view.on("hover", follow);
  show();
  return { chart, redraws, lane: () => lane };
}

/** Fingers: one moves the window sideways, two zoom it. */
function touch(chart, view, markAt) {
  const over = chart.over;
  over.style.touchAction = "pan-y";
  gestures(
    { addEventListener: (name, f, options) => over.addEventListener(name, (e) => (e.pointerType === "touch" ? f(e) : undefined), options),
      getBoundingClientRect: () => over.getBoundingClientRect(), setPointerCapture: () => {} },
    {
      drag: (dx) => {
        const step = (-dx / over.clientWidth) * (view.to - view.from);
        view.setWindow(view.from + step, view.to + step);
      },
      pinch: (factor, px) => view.zoom(1 / factor, chart.posToVal(px, "x")),
      click: (px) => {
        view.setHover(chart.posToVal(px, "x"));
        const mark = markAt(px);
        if (mark) view.setOpen(mark);
      },
    },
  );
}

/** Local time where the clock is known. Splits are at round local times. */
function timeAxis(model) {
  const shift = model.clock === null ? -model.from : model.clock;
  const steps = [0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800];
  return {
    stroke: () => colours.muted,
    grid: { stroke: () => colours.grid, width: 1 },
    ticks: { show: false },
    font: "11px system-ui, sans-serif",
    size: 22,
    gap: 3,
    splits: (u, axis, min, max) => {
      const step = steps.find((s) => (u.width - 50) / ((max - min) / s) > (s < 60 ? 76 : 62)) ?? 604800;
      const splits = [];
      for (let t = Math.ceil((min + shift) / step) * step; t <= max + shift; t += step) splits.push(t - shift);
      splits.step = step;
      return splits;
    },
    values: (u, splits) => splits.map((t) => {
      const step = splits.length > 1 ? splits[1] - splits[0] : 60;
      const text = timeText(model, t, step < 59);
      return step < 0.9 ? `${text}.${Math.round(((((t + shift) % 1) + 1) % 1) * 10) % 10}` : text;
    }),
  };
}

const yAxis = (values) => ({
  stroke: () => colours.muted,
  grid: { stroke: () => colours.grid, width: 1 },
  ticks: { show: false },
  font: "11px system-ui, sans-serif",
  size: 38,
  gap: 4,
  space: 22,
  values: (u, splits) => splits.map(values),
});

/** Behind the lines: trips in their colours, stops, gaps. */
function background(u, model, view) {
  const { ctx } = u;
  const { left, top, width, height } = u.bbox;
  const ratio = devicePixelRatio;
  const span = (from, to, paint) => {
    const a = Math.max(left, u.valToPos(from, "x", true)), b = Math.min(left + width, u.valToPos(to, "x", true));
    if (b > a) paint(a, Math.max(b - a, ratio));
  };
  ctx.save();
  for (const trip of model.trips) {
    span(trip.start, trip.end, (x, w) => {
      const faded = view.trip && view.trip !== trip;
      ctx.fillStyle = faded ? colours.faint : colours[trip.colour];
      ctx.globalAlpha = 0.09;
      ctx.fillRect(x, top, w, height);
      ctx.globalAlpha = 1;
      ctx.fillRect(x, top, w, 3 * ratio);
    });
  }
  for (const stop of model.stops) {
    if (view.shows(stop)) {
      span(stop.start, stop.end, (x, w) => {
        ctx.globalAlpha = 0.22;
        ctx.fillStyle = colours.stop;
        ctx.fillRect(x, top + height - 7 * ratio, w, 7 * ratio);
      });
    }
  }
  for (const gap of model.gaps) {
    span(gap.start, gap.end, (x, w) => {
      ctx.globalAlpha = 0.35;
      ctx.fillStyle = colours.faint;
      ctx.fillRect(x, top, w, height);
    });
  }
  ctx.restore();
}

function dashed(u, y) {
  const { ctx } = u;
  const py = u.valToPos(y, "y", true);
  if (py < u.bbox.top || py > u.bbox.top + u.bbox.height) return;
  ctx.save();
  ctx.strokeStyle = colours.brake;
  ctx.globalAlpha = 0.6;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([5 * devicePixelRatio, 5 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(u.bbox.left, py);
  ctx.lineTo(u.bbox.left + u.bbox.width, py);
  ctx.stroke();
  ctx.restore();
}

/** The events' badges above a chart, the more important ones in front; returns where they are. */
function drawLane(u, view, marks) {
  const { ctx } = u;
  const ratio = devicePixelRatio;
  const lane = [];
  ctx.save();
  for (const mark of marks.slice().sort((a, b) => a.kind.rank - b.kind.rank)) {
    if (!view.shows(mark) || mark.peak < view.from || mark.peak > view.to) continue;
    const x = u.valToPos(mark.peak, "x", true);
    const isOpen = mark === view.open;
    const crowded = !isOpen && lane.some((other) => !other.dot && Math.abs(other.px - x / ratio + u.bbox.left / ratio) < 15);
    ctx.strokeStyle = ctx.fillStyle = colours[mark.kind.colour];
    if (mark.kind.span) {
      const a = Math.max(u.bbox.left, u.valToPos(mark.start, "x", true)), b = u.valToPos(mark.end, "x", true);
      ctx.globalAlpha = isOpen ? 0.45 : 0.22;
      ctx.fillRect(a, u.bbox.top + 3 * ratio, Math.max(ratio, Math.min(b, u.bbox.left + u.bbox.width) - a), u.bbox.height - 3 * ratio);
    } else {
      ctx.globalAlpha = 0.7;
      ctx.lineWidth = (isOpen ? 2 : 1) * ratio;
      ctx.beginPath();
      ctx.moveTo(x, u.bbox.top - (crowded ? 0 : 3 * ratio));
      ctx.lineTo(x, u.bbox.top + u.bbox.height);
      ctx.stroke();
    }
    ctx.globalAlpha = 1;
    lane.push({ mark, px: (x - u.bbox.left) / ratio, dot: crowded });
  }
  ctx.scale(ratio, ratio);
  for (const { mark, px, dot } of lane.slice().reverse()) {
    if (!dot) drawBadge(ctx, px + u.bbox.left / ratio, 11, mark.kind, { hollow: mark.record.status === "unconfirmed", size: mark === view.open ? 10 : 8 });
  }
  ctx.restore();
  return lane;
}
