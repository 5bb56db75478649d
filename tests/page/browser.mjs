// A browser that may load nothing: every request but the page itself, every error and every message is a failure.
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

export const launch = () =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });

/** Opens a file in a window, gives it to `work`, and checks that nothing was asked for and nothing went wrong. */
export async function withPage(browser, file, { width = 1280, height = 900, scheme = "light", scale = 1 }, work) {
  const phone = width < 500;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, hasTouch: phone, isMobile: phone, deviceScaleFactor: scale });
  const wrong = [];
  const url = pathToFileURL(file).href;
  await context.route("**", (route) => {
    const asked = route.request().url();
    if (asked === url) return route.continue();
    wrong.push(`asked for ${asked}`);
    return route.abort();
  });
  const page = await context.newPage();
  page.on("request", (request) => request.url() !== url && !request.url().startsWith("data:") && wrong.push(`asked for ${request.url()}`));
  page.on("console", (message) => wrong.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => wrong.push(error.stack));
  try {
    await page.goto(url);
    await frames(page);
    await work(page);
  } finally {
    await context.close();
  }
  assert.deepEqual(wrong, []);
}

/** Lets everything be drawn that waits for a frame. */
export const frames = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done)))));
