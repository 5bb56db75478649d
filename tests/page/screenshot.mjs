// The pictures of the README: the report of `milepost demo`, a trip chosen and its swerve opened.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { frames, launch, withPage } from "./browser.mjs";
import { FOLDER, cleanUp, milepost } from "./worlds.mjs";

const DOCS = fileURLToPath(new URL("../../docs", import.meta.url));
const TYPE = "driving.swerve";

milepost("demo", "--out", FOLDER);
const browser = await launch();
const file = join(FOLDER, "report.html");

/** Chooses the trip with the event, and opens it. */
async function openEvent(page) {
  await page.evaluate((type) => {
    const event = MODEL.events.find((e) => e.record.type === type) ?? MODEL.events[0];
    VIEW.setTrip(event.trip);
    VIEW.setOpen(event);
    VIEW.setHover(event.trip.start + 0.8 * (event.trip.end - event.trip.start));
  }, TYPE);
  await frames(page);
}

await withPage(browser, file, { width: 1280, height: 900 }, async (page) => {
  await openEvent(page);
  await page.screenshot({ path: join(DOCS, "report.png") });
});
await withPage(browser, file, { width: 390, height: 844, scheme: "dark", scale: 2 }, async (page) => {
  await page.screenshot({ path: join(DOCS, "report-narrow.png") });
});
await browser.close();
cleanUp();
