import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { close, drop, html, open, ready, settled, visit } from "./browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

before(open);
after(close);

test("no request leaves the page, from a server or from a disk, with a network or without", async () => {
  assert.match(html.toString(), /connect-src 'none'/);
  for (const url of [undefined, new URL("../dist/index.html", import.meta.url).href]) {
    const page = await visit(url ? { url } : {});
    await page.context().setOffline(true);
    await page.getByRole("button", { name: "Look at a demo shop" }).click();
    await ready(page);
    await page.getByLabel("Period", { exact: true }).selectOption({ label: "2024" });
    await page.getByRole("heading", { level: 1, name: "2024" }).waitFor();
    assert.deepEqual(page.amiss, []);
    // Not even if it wanted to: this is what the policy is for.
    await page.context().setOffline(false);
    const sent = await page.evaluate(() => fetch("https://example.com/").then(() => "sent", () => "refused"));
    assert.equal(sent, "refused");
    assert.match(page.amiss.join(), /Content Security Policy/);
    await page.context().close();
  }
});

test("with the keyboard alone", async () => {
  const page = await visit();
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
  for (let presses = 0; (await focused()) !== "Look at a demo shop"; presses++) {
    assert.ok(presses < 12, "the demo shop can be reached");
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await ready(page);
  await page.getByRole("status").getByText("The report is ready.").waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "headlines-title");
  const card = page.locator('[data-figure="retention_rate"]');
  await card.locator("summary", { hasText: "What is this?" }).focus();
  await page.keyboard.press("Enter");
  await card.getByText("of the customers active at the start").waitFor();
  const slider = page.getByRole("slider", { name: "Customers kept" });
  await slider.focus();
  const earlier = await page.locator("#what-if .lead").innerText();
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction((earlier) => document.querySelector("#what-if .lead")?.innerText !== earlier, earlier);
  await page.getByRole("button", { name: "How it was read" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  assert.deepEqual(page.amiss, []);
  await page.context().close();
});

/** Serious findings of axe; the policy keeps its script out of the page, so that it is put in before it applies. */
async function findings(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html).join(" | ")}`);
}

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 390]) {
    test(`${colorScheme}, ${width} pixels wide: accessible, and no wider than the screen`, async () => {
      const page = await visit({ colorScheme, viewport: { width, height: 900 } });
      const shot = async (name) => {
        const folder = process.env.SCREENSHOTS;
        if (!folder) return;
        mkdirSync(folder, { recursive: true });
        await page.evaluate(() => scrollTo(0, 0));
        await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png`, fullPage: true });
        // The picture in the README.
        if (name === "report" && width === 1280 && colorScheme === "light") await page.screenshot({ path: `${folder}/screenshot.png`, clip: { x: 0, y: 0, width: 1280, height: 760 } });
      };
      assert.deepEqual(await findings(page), []);
      await shot("start");
      await page.getByRole("button", { name: "Look at a demo shop" }).click();
      await ready(page);
      await settled(page);
      for (const summary of await page.locator(".figures summary, .definitions summary").all()) await summary.click();
      assert.deepEqual(await findings(page), []);
      await page.getByRole("button", { name: "Print" }).waitFor();
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is wider than the screen");
      for (const summary of await page.locator(".figures summary, .definitions summary").all()) await summary.click();
      await shot("report");
      if (width === 1280) {
        await page.getByRole("button", { name: "How it was read" }).click();
        assert.deepEqual(await findings(page), []);
        await page.keyboard.press("Escape");
      }
      await drop(page, "letter.txt", "Dear customer,\nthank you.\n");
      await page.locator(".problem").waitFor();
      assert.deepEqual(await findings(page), []);
      await shot("problem");
      assert.deepEqual(page.amiss, []);
      await page.context().close();
    });
  }
}

test("on paper: every section, and nothing to click", async () => {
  const page = await visit();
  await page.getByRole("button", { name: "Look at a demo shop" }).click();
  await ready(page);
  await settled(page);
  const widths = () => page.locator(".plot svg").evaluateAll((charts) => charts.map((chart) => Number(chart.getAttribute("width"))));
  assert.ok(Math.max(...(await widths())) > 700);
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  assert.ok(Math.max(...(await widths())) <= 690, "charts are drawn for the paper");
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  assert.ok(Math.max(...(await widths())) > 700);
  await page.emulateMedia({ media: "print" });
  for (const gone of [".top", ".contents", ".controls", "#win-back .buttons"]) await page.locator(gone).first().waitFor({ state: "hidden" });
  await page.locator("#cohorts .heat").waitFor();
  // What a figure means is printed with it, though nobody unfolded it.
  for (const meaning of ['[data-figure="retention_rate"] .what p', "#flow .what dd"]) await page.locator(meaning).first().waitFor();
  const paper = await page.pdf({ format: "A4", ...(process.env.SCREENSHOTS && { path: `${process.env.SCREENSHOTS}/report.pdf` }) });
  assert.equal(paper.subarray(0, 5).toString(), "%PDF-");
  assert.deepEqual(page.amiss, []);
  await page.context().close();
});
