"use strict";
// What a mouse, a pen and fingers mean.

/** Mouse, pen and fingers as hover, click, drag and pinch. A short touch is a click; what moved is none. */
function gestures(element, on) {
  const down = new Map();
  let moved = 0, ended = 0;
  const at = (event) => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  element.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    if (!down.size) moved = 0;
    down.set(event.pointerId, at(event));
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    const now = at(event), before = down.get(event.pointerId);
    if (!before) return on.hover?.(...now);
    const [dx, dy] = [now[0] - before[0], now[1] - before[1]];
    moved += Math.hypot(dx, dy);
    if (down.size === 2) {
      const other = [...down].find(([id]) => id !== event.pointerId)[1];
      const far = Math.hypot(now[0] - other[0], now[1] - other[1]), was = Math.hypot(before[0] - other[0], before[1] - other[1]);
      on.pinch?.(far / Math.max(1, was), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
    } else if (moved > 4) on.drag?.(dx, dy, now, event);
    down.set(event.pointerId, now);
  });
  const up = (event) => {
    if (!down.delete(event.pointerId)) return;
    if (event.type === "pointerup" && moved <= 4) {
      if (event.pointerType !== "mouse") on.hover?.(...at(event));
      on.click?.(...at(event), event);
    } else if (!down.size) on.dragEnd?.(event);
    ended = event.timeStamp;
  };
  element.addEventListener("pointerup", up);
  element.addEventListener("pointercancel", up);
  element.addEventListener("pointerleave", (event) => !down.size && event.timeStamp !== ended && on.leave?.());
  if (on.wheel) element.addEventListener("wheel", (event) => on.wheel(event, ...at(event)), { passive: false });
}
