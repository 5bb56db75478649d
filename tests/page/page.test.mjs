// report.html in a browser, made by the command and opened from the file system.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { frames, launch, withPage } from "./browser.mjs";
import { FOLDER, HOSTILE, cleanUp, drive, longDay, milepost, noTrack, nothing, replay } from "./worlds.mjs";

let browser;
before(async () => (browser = await launch()));
after(async () => {
  await browser?.close();
  cleanUp();
});

const EVENT = "driving.harsh_braking";
const picture = (page, id) => page.evaluate((id) => document.getElementById(id).toDataURL(), id);
const window_ = (page) => page.evaluate(() => [VIEW.from, VIEW.to]);

describe("a drive with harsh manoeuvres and a phone in use", () => {
  let world, events;
  before(() => {
    world = replay(drive(), "drive");
    const last = new Map(world.records.map((r) => [r.id, r]));
    events = [...last.values()].filter((r) => r.schema === "milepost.event/1");
    assert.ok(events.some((e) => e.type === EVENT && e.evidence), "the world is too calm for this test");
  });
  const open = (options, work) => withPage(browser, world.page, options, work);

  /** What an opened event must show. */
  async function isOpen(page, event) {
    const { evidence } = event;
    const label = await page.locator(".waveform").getAttribute("aria-label");
    assert.equal(label, `Waveform: ${evidence.a_long_cmps2.length} samples at 25 Hz, threshold ${event.threshold_mps2.toFixed(2)} m/s²`);
    const reason = await page.locator("#reason").innerText();
    assert.ok(reason.includes(`up to ${event.peak_mps2.toFixed(2)} m/s²`) && reason.includes(`Harsh begins at ${event.threshold_mps2.toFixed(2)} m/s²`), reason);
    assert.match(await page.locator(".sheet").innerText(), event.status === "confirmed" ? /% sure.*Confirmed/s : /% sure.*Unconfirmed/s);
    // Colours other than the background's: lines were drawn.
    const inks = await page.evaluate(() => {
      const canvas = document.querySelector(".waveform canvas");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    });
    assert.ok(inks > 20, `${inks} colours`);
  }

  for (const [width, height] of [[1280, 900], [390, 844]]) {
    for (const scheme of ["light", "dark"]) {
      test(`is readable at ${width} pixels, ${scheme}, and opens an event from the list`, () => open({ width, height, scheme }, async (page) => {
        await readable(page, width);
        await page.click("[data-tab=events]");
        const rows = page.locator(".rows .row");
        assert.equal(await rows.count(), events.length);
        await page.locator(`.row[data-type="${EVENT}"]`).first().click();
        await frames(page);
        const event = events.filter((e) => e.type === EVENT).sort((a, b) => a.start_t_s - b.start_t_s)[0];
        await isOpen(page, event);
        await readable(page, width);
        await page.keyboard.press("Escape");
        assert.equal(await page.locator(".sheet").isVisible(), false);
        await page.click("[data-tab=health]");
        await readable(page, width);
      }));
    }
  }

  test("opens events from the map and from the charts", () => open({}, async (page) => {
    const onMap = await page.evaluate((type) => {
      const box = document.getElementById("map").getBoundingClientRect();
      const badge = MAP.badges().find((b) => b.mark.record.type === type && b.x > 12 && b.y > 12 && b.x < box.width - 60 && b.y < box.height - 12);
      return badge && { x: box.left + badge.x, y: box.top + badge.y, id: badge.mark.record.id };
    }, EVENT);
    assert.ok(onMap, "a brake is on the map");
    await page.mouse.click(onMap.x, onMap.y);
    await frames(page);
    await isOpen(page, events.find((e) => e.id === onMap.id));
    await page.keyboard.press("Escape");

    const onChart = await page.evaluate((type) => {
      const box = CHARTS.accelerations.chart.over.getBoundingClientRect();
      const shown = CHARTS.accelerations.lane().filter((b) => !b.dot);
      const badge = shown.find((b) => b.mark.record.type === type);
      return badge && { x: box.left + badge.px, y: box.top - 12, id: badge.mark.record.id };
    }, EVENT);
    assert.ok(onChart, "a brake is on the chart");
    await page.mouse.click(onChart.x, onChart.y);
    await frames(page);
    await isOpen(page, events.find((e) => e.id === onChart.id));
  }));

  test("the chart under the pointer shows the place on the map, and the map the time on the charts", () => open({}, async (page) => {
    const before = await picture(page, "map");
    const box = await page.locator("#speed .u-over").boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await frames(page);
    assert.notEqual(await picture(page, "map"), before);
    const [from, to] = await window_(page);
    const hover = await page.evaluate(() => VIEW.hover);
    assert.ok(Math.abs(hover - (from + to) / 2) < (to - from) / 100);
    assert.match(await page.locator("#speed-now").innerText(), /^\d+ km\/h$/);

    const at = await page.evaluate(() => {
      const trip = MODEL.trips[0], i = Math.floor(trip.x.length / 3);
      const [x, y] = MAP.onScreen([trip.x[i], trip.y[i]]);
      const box = document.getElementById("map").getBoundingClientRect();
      return { x: box.left + x, y: box.top + y, t: trip.track.t[i], place: [trip.x[i], trip.y[i]] };
    });
    await page.mouse.move(at.x + 1, at.y + 1);
    await frames(page);
    const found = await page.evaluate(() => ({ t: VIEW.hover, place: placeAt(MODEL.trips[0], VIEW.hover), px: CHARTS.speed.chart.cursor.left, expected: CHARTS.speed.chart.valToPos(VIEW.hover, "x") }));
    assert.ok(Math.hypot(found.place[0] - at.place[0], found.place[1] - at.place[1]) * (await page.evaluate(() => MAP.camera.scale)) < 20, JSON.stringify({ at, found }));
    assert.ok(Math.abs(found.px - found.expected) < 1);
    await page.mouse.move(2, 2);
    await frames(page);
    assert.equal(await page.evaluate(() => VIEW.hover), null);
  }));

  test("zooms by dragging, by keys and buttons, and back", () => open({}, async (page) => {
    const [from, to] = await window_(page);
    const box = await page.locator("#accelerations .u-over").boundingBox();
    await page.mouse.move(box.x + box.width * 0.25, box.y + 30);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 40, { steps: 5 });
    await page.mouse.up();
    await frames(page);
    const [a, b] = await window_(page);
    assert.ok(Math.abs((b - a) / (to - from) - 0.25) < 0.02, `${b - a} of ${to - from}`);
    await page.click("#time-in");
    assert.ok((await window_(page)).reduce((x, y) => y - x) < 0.6 * (b - a));
    await page.mouse.dblclick(box.x + 50, box.y + 50);
    assert.deepEqual(await window_(page), [from, to]);

    const scale = () => page.evaluate(() => MAP.camera.scale);
    const before = await scale();
    await page.locator("#map").hover();
    await page.mouse.wheel(0, -300);
    const wheeled = await scale();
    assert.ok(wheeled > 1.3 * before);
    await page.locator("#map").focus();
    await page.keyboard.press("+");
    assert.ok((await scale()) > 1.3 * wheeled);
    await page.keyboard.press("0");
    assert.ok(Math.abs((await scale()) - before) < 1e-9);
  }));

  test("a trip is chosen, explained and left again", () => open({}, async (page) => {
    await page.locator(".trip-head").first().click();
    const trip = page.locator(".trip.chosen");
    assert.equal(await trip.locator(".category").count(), 5);
    await trip.locator(".category summary").first().click();
    const score = world.records.findLast((r) => r.schema === "milepost.score/1");
    assert.ok((await trip.locator(".why").first().innerText()).includes(`= ${score.categories.braking.value.toFixed(1)}.`));
    assert.ok((await trip.innerText()).includes("geometric mean"));
    await page.selectOption("#trip", "");
    assert.equal(await page.locator(".trip.chosen").count(), 0);
    await page.locator(`.chip[data-kind="${EVENT}"]`).click();
    await page.click("[data-tab=events]");
    assert.equal(await page.locator(`.row[data-type="${EVENT}"]`).count(), 0);
  }));

  test("hostile ids and tags are texts", () => open({}, async (page) => {
    await page.locator(".trip-head").first().click();
    const shown = await page.locator(".trip.chosen dl").evaluate((list) => [...list.querySelectorAll("dd")].map((dd) => dd.textContent));
    assert.equal(shown.filter((text) => text === HOSTILE).length, 3, JSON.stringify(shown));
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.equal(await page.locator("img").count(), 0);
  }));

  test("its colours can be told from their ground", async () => {
    for (const scheme of ["light", "dark"]) {
      await open({ scheme }, async (page) => {
        const contrasts = await page.evaluate(() => {
          const light = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255)
            .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
          const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
          return ["text", "muted"].flatMap((name) => ["panel", "ground", "hover"].map((ground) => [name, ground, contrast(colours[name], colours[ground])]));
        });
        for (const [name, ground, contrast] of contrasts) assert.ok(contrast >= 4.5, `${name} on ${ground}, ${scheme}: ${contrast}`);
      });
    }
  });

  test("is the same, byte for byte, every time", () => {
    const again = replay(`${world.page.replace(/drive\/report.html$/, "hilly/input")}`, "again");
    assert.ok(readFileSync(again.page).equals(readFileSync(world.page)));
  });
});

/** Nothing to scroll sideways, and no text smaller than 11 pixels. */
async function readable(page, width) {
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, "the body does not scroll sideways");
  const small = await page.evaluate(() => [...document.querySelectorAll("body *")]
    .filter((e) => e.checkVisibility() && [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.textContent.trim()) && !e.closest("svg, script"))
    .filter((e) => parseFloat(getComputedStyle(e).fontSize) < 11).map((e) => e.outerHTML.slice(0, 80)));
  assert.deepEqual(small, []);
}

test("a day of 86 400 points stays fluid", async (t) => {
  const world = replay(longDay(), "day-out", "--manual");
  t.diagnostic(`the page has ${statSync(world.page).size} bytes`);
  for (const width of [1280, 390]) {
    await withPage(browser, world.page, { width, height: 844 }, async (page) => {
      const points = await page.evaluate(() => [MODEL.series.index.length, MODEL.trips.reduce((n, trip) => n + trip.x.length, 0)]);
      assert.ok(points.every((n) => n >= 86_000), `${points}`);
      const drawn = await page.evaluate(async () => {
        const frame = () => new Promise(requestAnimationFrame);
        const { redraws } = CHARTS.speed;
        const [count, ms, start] = [redraws.count, redraws.ms, performance.now()];
        let points = 0, longest = 0;
        for (let i = 0; i < 60; i++) {
          const before = performance.now();
          VIEW.zoom(i < 30 ? 0.85 : 1 / 0.85, MODEL.from + 30_000);
          VIEW.setHover(VIEW.from + (i / 60) * (VIEW.to - VIEW.from));
          await frame();
          points = Math.max(points, CHARTS.speed.chart.data[0].length);
          longest = Math.max(longest, performance.now() - before);
        }
        return { redraws: redraws.count - count, msEach: (redraws.ms - ms) / (redraws.count - count), msInAll: performance.now() - start, longest, points };
      });
      t.diagnostic(`${width} px: ${points} points; ${drawn.redraws} redraws of the chart, ${drawn.msEach.toFixed(1)} ms each, longest frame ${drawn.longest.toFixed(0)} ms, 60 zooms in ${drawn.msInAll.toFixed(0)} ms; at most ${drawn.points} points at a time`);
      assert.ok(drawn.redraws >= 30, "every zoom is drawn");
      assert.ok(drawn.points < 5_000, "a chart never draws the whole day point by point");
      // Some ten times what it takes: only a page that draws everything at every zoom is caught.
      assert.ok(drawn.msInAll < 30_000, `${drawn.msInAll} ms`);
    });
  }
});

test("an impact says what was weighed", async () => {
  milepost("simulate", "rear_end", "--seed", "3", "--out", join(FOLDER, "crash"));
  const world = replay(join(FOLDER, "crash", "input"), "crash-out");
  const impact = world.records.findLast((r) => r.type === "driving.impact");
  assert.ok(impact, "the crash was found");
  await withPage(browser, world.page, {}, async (page) => {
    await page.click("[data-tab=events]");
    await page.locator('.row[data-type="driving.impact"]').first().click();
    await frames(page);
    assert.equal(await page.locator(".weighed > div").count(), impact.weighed.length);
    assert.match(await page.locator("#reason").innerText(), /Hit with up to [\d.]+ g/);
  });
});

for (const [name, make, words] of [
  ["nothing at all", nothing, [/No trip was found/, /Neither motion samples nor positions/]],
  ["no track and no permission", noTrack, [/No trip was found/, /may not locate/]],
]) {
  test(`a page of ${name} is sensible`, async () => {
    const world = replay(make(), `page-of-${name.replaceAll(" ", "-")}`);
    for (const width of [1280, 390]) {
      await withPage(browser, world.page, { width, height: 844 }, async (page) => {
        const text = await page.locator("body").innerText();
        for (const word of [...words, /Nothing to draw/]) assert.match(text, word);
        assert.doesNotMatch(text, /NaN|Infinity|undefined|null/);
        await readable(page, width);
        for (const tab of ["events", "stops", "health"]) {
          await page.click(`[data-tab=${tab}]`);
          assert.doesNotMatch(await page.locator("body").innerText(), /NaN|Infinity|undefined/);
        }
        await page.locator("#map").focus();
        await page.keyboard.press("+");
      });
    }
  });
}
