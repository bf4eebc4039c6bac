// Checks the page of a report in a headless Chromium, by .ci/browser.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const PYTHON = process.env.PYTHON || "python3";
const CHROMIUM = process.env.CHROMIUM || "/usr/bin/chromium";
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDE = { width: 1400, height: 900 };
const NARROW = { width: 390, height: 844 };
const SECONDS = 2;

const folder = mkdtempSync(join(tmpdir(), "azjit-page-"));
const pages = {};
let browser;

before(async () => {
  for (const count of [0, 300, 5000]) {
    const made = execFileSync(PYTHON, [join(dirname(fileURLToPath(import.meta.url)), "..", "reported.py"), String(count)], {
      maxBuffer: 2 ** 28,
    });
    const file = join(folder, `${count}.html`);
    writeFileSync(file, made);
    pages[count] = pathToFileURL(file).href;
  }
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    // The sandbox of Chromium refuses to run as root.
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

// Opens a page, runs the work, and fails on any message of the console, error, dialog or request.
async function opened(url, options, work) {
  const context = await browser.newContext({ viewport: WIDE, ...options });
  const said = [];
  try {
    const page = await context.newPage();
    page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => said.push(error.message));
    page.on("dialog", (dialog) => said.push(`dialog: ${dialog.message()}`));
    page.on("request", (request) => {
      if (request.url() !== url) said.push(`request: ${request.url()}`);
    });
    await page.goto(url);
    await work(page);
  } finally {
    await context.close();
  }
  assert.deepEqual(said, []);
}

const looks = [WIDE, NARROW].flatMap((viewport) => ["light", "dark"].map((colorScheme) => ({ viewport, colorScheme })));
const nameOf = ({ viewport, colorScheme }) => `${viewport.width} ${colorScheme}`;
const told = (page) => page.locator("#told").textContent();
const rowsOf = (page) => page.locator("#requests tbody tr");

for (const look of looks) {
  test(`no console message, no request, no attack and no sideways scrolling: ${nameOf(look)}`, async () => {
    await opened(pages[300], look, async (page) => {
      assert.equal(await told(page), "300 requests");
      assert.equal(await page.title(), "JIT access");
      assert.equal(await page.locator("a:not(.skip), img, iframe, b").count(), 0);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      const back = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assert.equal(back === "rgb(255, 255, 255)", look.colorScheme === "light");
    });
  });

  test(`axe finds nothing: ${nameOf(look)}`, async () => {
    // axe is injected, which the policy of the page forbids.
    for (const url of [pages[300], pages[0]]) {
      await opened(url, { ...look, bypassCSP: true }, async (page) => {
        await page.addScriptTag({ content: AXE });
        for (const words of ["", "no such word"]) {
          await page.fill("#words", words);
          await page.waitForTimeout(300);
          const found = await page.evaluate(() => globalThis.axe.run());
          const violations = found.violations.map((each) => [each.id, ...each.nodes.map((node) => node.html)]);
          assert.deepEqual(violations, []);
          assert.ok(found.passes.length > 10);
        }
      });
    }
  });
}

test("5,000 requests can be used within two seconds", async () => {
  await opened(pages[5000], {}, async (page) => {
    // From the start of the navigation to the first drawn frame after all is set up.
    const opening = await page.evaluate(() => new Promise((done) => {
      requestAnimationFrame(() => setTimeout(() => done(performance.now())));
    }));
    assert.equal(await told(page), "5000 requests");
    assert.equal(await rowsOf(page).count(), 100);
    const timed = async (work) => {
      const began = performance.now();
      await work();
      return (performance.now() - began) / 1000;
    };
    const search = await timed(async () => {
      await page.fill("#words", "carol rotate");
      await page.waitForFunction(() => document.getElementById("told").textContent.includes(" of 5000"));
    });
    const sort = await timed(() => page.click("#requests th:nth-child(2) button"));
    const turn = await timed(() => page.click("#requests .pager button:nth-child(2)"));
    const times = { opening: opening / 1000, search, sort, turn };
    console.log(Object.entries(times).map(([name, took]) => `${name} ${took.toFixed(2)} s`).join(", "));
    for (const [name, took] of Object.entries(times)) assert.ok(took < SECONDS, `${name}: ${took} s`);
  });
});

test("the filters select requests, bars and applications alike, and say what they select", async () => {
  await opened(pages[300], {}, async (page) => {
    await page.selectOption("#application", "shop-3/orders");
    await page.selectOption("#state", "approved");

    const count = await rowsOf(page).count();
    assert.equal(await told(page), `${count} of 300 requests: application shop-3/orders, state approved`);
    const cells = await page.locator("#requests tbody td:nth-child(1)").allTextContents();
    assert.deepEqual([...new Set(cells)], ["shop-3/orders"]);
    assert.deepEqual(await page.locator("#applications tbody td:nth-child(1)").allTextContents(), ["shop-3/orders"]);
    assert.equal(await page.locator("#timeline .bar").count(), count);

    await page.click("#clear");
    assert.equal(await told(page), "300 requests");
  });
});

test("a table sorts by keyboard, tells how, and puts what has no value last", async () => {
  await opened(pages[300], {}, async (page) => {
    const head = page.locator("#requests th:nth-child(7)");
    await head.getByRole("button").focus();
    await page.keyboard.press("Enter");
    assert.equal(await head.getAttribute("aria-sort"), "ascending");
    assert.equal(await page.locator("#requests th[aria-sort]").count(), 1);
    const first = await page.locator("#requests tbody tr:first-child td:nth-child(7)").innerText();
    await page.keyboard.press("Enter");
    assert.equal(await head.getAttribute("aria-sort"), "descending");
    const last = await page.locator("#requests tbody tr:first-child td:nth-child(7)").innerText();
    assert.equal(first, "automatic");
    assert.ok(last.startsWith("bob@contoso.example"), last);
  });
});

test("the keyboard reaches each bar, and from a bar its request", async () => {
  await opened(pages[300], {}, async (page) => {
    await page.locator("#later").evaluate((button) => { button.disabled = false; button.focus(); });
    await page.keyboard.press("Tab");
    const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label"));
    const seen = new Set([await focused()]);
    for (const key of ["ArrowRight", "ArrowDown", "End", "Home", "ArrowDown", "ArrowDown"]) {
      await page.keyboard.press(key);
      seen.add(await focused());
    }
    assert.ok(seen.size >= 4, [...seen].join("\n"));
    assert.equal(await page.locator('#timeline .bar[tabindex="0"]').count(), 1);
    await page.keyboard.press("Home");
    assert.match(await focused(), /^alice@fabrikam\.example, \w+, shop-0\/orders: 2026-.+ to 2026-.+, approved/);
    assert.equal(await page.locator("#detail").innerText(), await focused());

    await page.keyboard.press("Enter");
    const row = await page.evaluate(() => document.activeElement.innerText);
    assert.match(row, /shop-0\/orders\s+alice@fabrikam\.example/);
  });
});

test("a shorter time shows its own bars, and moves", async () => {
  await opened(pages[300], {}, async (page) => {
    const shown = () => page.locator("#shown-span").textContent();
    await page.selectOption("#span", { label: "a week" });
    assert.match(await shown(), /^2026-11-03 10:00 CET .+ to 2026-11-10 10:00 CET/);
    assert.ok(await page.locator("#later").isDisabled());
    await page.click("#earlier");
    await page.click("#earlier");
    assert.match(await shown(), /^2026-10-20 11:00 CEST .+ to 2026-10-27 10:00 CET/);
    const labels = await page.locator("#timeline .axis .label").allTextContents();
    assert.deepEqual(labels.slice(0, 2), ["21 Oct", "22 Oct"]);
    for (let turn = 0; turn < 9 && (await page.locator("#earlier").isEnabled()); turn += 1) await page.click("#earlier");
    assert.match(await shown(), /^2026-10-11 11:00 CEST/);
  });
});

test("a screen reader finds the parts by role and name", async () => {
  await opened(pages[300], {}, async (page) => {
    for (const [role, name] of [
      ["search", "Filter the report"], ["searchbox", "Search"], ["combobox", "Application"], ["status", ""],
      ["group", "Who had which role when"], ["table", "Requests"], ["region", "Requests, table"],
      ["table", "Applications"], ["heading", "This report is incomplete"],
    ]) {
      assert.equal(await page.getByRole(role, name ? { name, exact: true } : {}).count(), 1, `${role} ${name}`);
    }
    assert.ok(await page.getByRole("button", { name: /standing access$/ }).count());
  });
});

test("paper has every row, in light, within the page", async () => {
  await opened(pages[300], { colorScheme: "dark" }, async (page) => {
    await page.evaluate(() => addEventListener("beforeprint", () => {
      globalThis.printed = document.querySelectorAll("#requests tbody tr").length;
    }));
    const pdf = await page.pdf({ preferCSSPageSize: true });
    assert.ok(pdf.length > 10000);
    assert.equal(await page.evaluate(() => globalThis.printed), 300);
    assert.equal(await rowsOf(page).count(), 100);

    await page.setViewportSize({ width: 1000, height: 700 });
    await page.emulateMedia({ media: "print" });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    const print = await page.evaluate(() => ({
      width: Math.max(...[...document.querySelectorAll("table")].map((each) => each.getBoundingClientRect().right)),
      back: getComputedStyle(document.body).backgroundColor,
      controls: [...document.querySelectorAll("input, select, .pager button")].filter((each) => each.checkVisibility()).length,
    }));
    assert.deepEqual({ ...print, width: print.width <= 1000 }, { width: true, back: "rgb(255, 255, 255)", controls: 0 });
  });
});

test("paper has the same colours, whatever the browser prefers", async () => {
  const looks = [];
  for (const colorScheme of ["light", "dark"]) {
    await opened(pages[300], { colorScheme }, async (page) => {
      await page.emulateMedia({ media: "print" });
      looks.push(await page.evaluate(() => [...document.querySelectorAll("body *")].map((each) => {
        const style = getComputedStyle(each);
        return [style.color, style.backgroundColor, style.backgroundImage, style.borderTopColor].join();
      })));
    });
  }
  assert.ok(looks[0].length > 500);
  assert.deepEqual(looks[0], looks[1]);
});

test("the page says the same in a browser of another zone and language", async () => {
  const texts = [];
  for (const options of [{}, { timezoneId: "Asia/Tokyo", locale: "ar-EG" }]) {
    await opened(pages[300], options, async (page) => texts.push(await page.locator("main").innerText()));
  }
  assert.equal(texts[0], texts[1]);
});

test("without JavaScript the page says what to do", async () => {
  await opened(pages[300], { javaScriptEnabled: false }, async (page) => {
    assert.match(await page.locator("main").innerText(), /needs JavaScript.+--format md/s);
  });
});

test("pictures for people", { skip: !process.env.SCREENSHOTS }, async () => {
  const folder = process.env.SCREENSHOTS;
  mkdirSync(folder, { recursive: true });
  for (const look of looks) {
    await opened(pages[300], look, async (page) => {
      const path = join(folder, `report-${look.viewport.width}-${look.colorScheme}.png`);
      await page.screenshot({ path, fullPage: true });
    });
  }
  await opened(pages[300], {}, (page) => page.pdf({ path: join(folder, "report.pdf"), preferCSSPageSize: true }));
});
