/** A browser with the built page in it, and what every test watches for. */

import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const root = new URL("../", import.meta.url);
export const repository = new URL("../../../", root);
export const html = readFileSync(new URL("dist/index.html", root));
export const data = (path) => new URL(path, repository).pathname;

let browser;
let server;
export let address = "";

export async function open() {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  server = createServer((_, response) => response.setHeader("content-type", "text/html; charset=utf-8").end(html));
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  address = `http://127.0.0.1:${server.address().port}/`;
}

export async function close() {
  await browser?.close();
  server?.close();
}

/** A fresh page, where anything that is amiss on it is collected in `page.amiss`. */
export async function visit({ url = address, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-US", timezoneId: "America/New_York", reducedMotion: "reduce", acceptDownloads: true, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  // A slower machine, to see whether a test waits for what it reads.
  if (process.env.SLOWER) await (await context.newCDPSession(page)).send("Emulation.setCPUThrottlingRate", { rate: Number(process.env.SLOWER) });
  page.amiss = [];
  page.on("pageerror", (error) => page.amiss.push(`error: ${error.message}`));
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && page.amiss.push(`console: ${message.text()}`));
  await page.goto(url);
  // From here on nothing may go out. The worker is made from the page itself.
  page.on("request", (request) => request.url().startsWith("blob:") || page.amiss.push(`request: ${request.url()}`));
  return page;
}

export const take = (page, file) => page.setInputFiles("input[type=file]", file);
export const ready = (page) => page.getByRole("heading", { name: "About these figures" }).waitFor();
/** Until every part has its figures: those of the period that was chosen, too. */
export const settled = (page) => page.waitForFunction(() => document.querySelector("#about") && !document.querySelector("[aria-busy=true]"));
/** Until what is drawn some time after an action is so; else why not. */
export async function until(holds) {
  for (const end = Date.now() + 60_000; ; await new Promise((again) => setTimeout(again, 50))) {
    try {
      return await holds();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}
/** What a card says: value, change and the lines beneath. */
export async function figure(page, name) {
  const card = page.locator(`[data-figure="${name}"]`);
  return { value: await card.locator(".value").innerText(), sample: await card.locator(".sample").innerText(), change: await card.locator(".change").innerText() };
}

/** Drops a file, or several, as a mouse does: name and content, which is text or bytes. */
export async function drop(page, name, content, ...more) {
  const plain = [name, content, ...more].map((part) => (typeof part === "string" ? part : [...part]));
  const transfer = await page.evaluateHandle((plain) => {
    const transfer = new DataTransfer();
    for (let at = 0; at < plain.length; at += 2) {
      const content = plain[at + 1];
      transfer.items.add(new File([typeof content === "string" ? content : Uint8Array.from(content)], plain[at]));
    }
    return transfer;
  }, plain);
  await page.dispatchEvent("body", "dragover", { dataTransfer: transfer });
  await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
}
