"use strict";
// The whole time in a strip: speed in the trips' colours, and the window of the charts, which can be dragged about.

function makeStrip(model, view, pyramid, canvas) {
  let size = { width: 1, height: 1 };
  const whole = model.to - model.from;
  const px = (t) => ((t - model.from) / whole) * size.width;
  const timeOf = (x) => model.from + (x / size.width) * whole;
  const top = Math.max(1, ...model.trips.map((trip) => trip.record.max_speed_mps ?? 0));

  const draw = perFrame(() => {
    size = fitCanvas(canvas);
    const { context, width, height } = size;
    const [times, speeds] = envelope(pyramid, [0], model.from, model.to, width);
    for (const trip of model.trips) {
      context.fillStyle = view.trip && view.trip !== trip ? colours.faint : colours[trip.colour];
      const [a, b] = [px(trip.start), Math.max(px(trip.end), px(trip.start) + 1)];
      context.globalAlpha = 0.18;
      context.fillRect(a, 0, b - a, height);
      context.globalAlpha = 0.9;
      context.beginPath();
      context.moveTo(a, height);
      for (let i = 0; i < times.length; i++) {
        if (times[i] >= trip.start && times[i] <= trip.end) context.lineTo(px(times[i]), height - Math.min(1, (speeds[i] ?? 0) / top) * (height - 4));
      }
      context.lineTo(b, height);
      context.fill();
      context.globalAlpha = 1;
    }
    const [a, b] = [px(view.from), px(view.to)];
    context.fillStyle = colours.panel;
    context.globalAlpha = 0.65;
    context.fillRect(0, 0, a, height);
    context.fillRect(b, 0, width - b, height);
    context.globalAlpha = 1;
    context.strokeStyle = colours.muted;
    context.lineWidth = 1.5;
    context.beginPath();
    context.roundRect(a + 0.75, 0.75, Math.max(3, b - a - 1.5), height - 1.5, 4);
    context.stroke();
    if (view.hover === null) return;
    context.fillStyle = colours.text;
    context.fillRect(px(view.hover) - 0.5, 0, 1, height);
  });

  gestures(canvas, {
    hover: (x) => view.setHover(timeOf(x)),
    leave: () => view.setHover(null),
    drag: (dx) => {
      const step = (dx / size.width) * whole;
      view.setWindow(view.from + step, view.to + step);
    },
    click: (x) => {
      const t = timeOf(x), trip = tripAt(model, t);
      if (trip) return view.setTrip(trip);
      const half = (view.to - view.from) / 2;
      view.setWindow(t - half, t + half);
    },
  });
  canvas.addEventListener("dblclick", () => view.setTrip(null));
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -0.2, ArrowRight: 0.2 }[event.key];
    if (step) view.setWindow(view.from + step * (view.to - view.from), view.to + step * (view.to - view.from));
    else if (event.key === "+" || event.key === "=") view.zoom(0.5);
    else if (event.key === "-") view.zoom(2);
    else return;
    event.preventDefault();
  });
  new ResizeObserver(draw).observe(canvas);
  for (const what of ["window", "hover", "theme", "trip"]) view.on(what, draw);
}
