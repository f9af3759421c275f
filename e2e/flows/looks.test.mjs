// Every page of the program in light, in dark, and on a small telephone: labelled, readable, within
// its frame, without anything inline. A picture of each is left in out/.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { LoginPage } from "../pages/login.mjs";
import { RegisterPage } from "../pages/register.mjs";
import { Browser } from "../world/browser.mjs";
import { ADA, BOB, Demo, PASSWORD } from "../world/demo.mjs";
import { faultsOf } from "../world/looks.mjs";
import { freePorts } from "../world/ports.mjs";
import { Serve } from "../world/serve.mjs";

const OUT = fileURLToPath(new URL("../out/", import.meta.url));

const LOOKS = {
  light: { colorScheme: "light", viewport: { width: 1100, height: 800 } },
  dark: { colorScheme: "dark", viewport: { width: 1100, height: 800 } },
  small: { colorScheme: "light", viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true },
};

let demo;
let browser;

before(async () => {
  fs.mkdirSync(OUT, { recursive: true });
  demo = await Demo.start();
  browser = await Browser.start();
  // A second device, so that the account page has something to end.
  await demo.loggedIn(ADA);
  const bob = await demo.loggedIn(BOB);
  await bob.get("/api/goals");
});

after(async () => {
  await browser?.stop();
  await demo?.stop();
});

async function logIn(visitor, user) {
  await visitor.page.goto("/auth/login");
  await new LoginPage(visitor.page).logIn(user.email, PASSWORD);
  await visitor.page.waitForURL("**/dashboard");
}

/** The pages, each with how somebody gets there. */
const FOR_EVERYBODY = {
  home: ({ page }) => page.goto("/"),
  login: ({ page }) => page.goto("/auth/login"),
  "login-refused": async ({ page }) => {
    await page.goto("/auth/login");
    await new LoginPage(page).logIn("ada", "not the password");
    await page.getByRole("alert").waitFor();
  },
  register: ({ page }) => page.goto("/auth/register"),
  "register-refused": async ({ page }) => {
    const form = new RegisterPage(page);
    await form.open();
    await form.register({ name: "Ada", username: "ada", email: "ada@example.org", password: "password" });
    await page.locator('[aria-invalid="true"]').first().waitFor();
  },
  "logged-out": ({ page }) => page.goto("/auth/logout"),
  "nothing-here": ({ page }) => page.goto("/nowhere"),
};

const FOR_MEMBERS = {
  "home-member": ({ page }) => page.goto("/"),
  dashboard: ({ page }) => page.goto("/dashboard"),
  goals: ({ page }) => page.goto("/goals"),
  "goals-completed": ({ page }) => page.goto("/goals?status=completed"),
  admin: ({ page }) => page.goto("/admin"),
  account: ({ page }) => page.goto("/auth/account"),
  logout: ({ page }) => page.goto("/auth/logout"),
  "goal-missing": ({ page }) => page.goto("/goals/unknown"),
};

for (const [look, options] of Object.entries(LOOKS)) {
  describe(`in ${look}`, () => {
    const shown = async (visitor, name, open) => {
      await open(visitor);
      // Measured first: taking the picture leaves marks of its own on the page.
      const faults = await faultsOf(visitor.page);
      await visitor.page.screenshot({ path: path.join(OUT, `${name}-${look}.png`), fullPage: true });
      assert.deepEqual(faults, []);
      assert.deepEqual(visitor.complaints, []);
    };

    describe("the pages for everybody", () => {
      let visitor;
      before(async () => {
        visitor = await browser.person(demo.url, options);
      });
      after(() => visitor.leave());

      for (const [name, open] of Object.entries(FOR_EVERYBODY)) {
        it(`${name} is in order`, () => shown(visitor, name, open));
      }
    });

    describe("the pages for members", () => {
      let visitor;
      before(async () => {
        visitor = await browser.person(demo.url, options);
        await logIn(visitor, ADA);
      });
      after(() => visitor.leave());

      for (const [name, open] of Object.entries(FOR_MEMBERS)) {
        it(`${name} is in order`, () => shown(visitor, name, open));
      }

      it("refused is in order", async () => {
        const other = await browser.person(demo.url, options);
        await logIn(other, BOB);
        await shown(other, "refused", ({ page }) => page.goto("/admin"));
        await other.leave();
      });
    });
  });
}

it("the page of an upstream that is down is in order", async () => {
  const [port] = await freePorts(1);
  const world = await Serve.start({
    upstream: `http://127.0.0.1:${port}`,
    routes: [{ path: "/**", access: "optional" }],
  });
  for (const [look, options] of Object.entries(LOOKS)) {
    const visitor = await browser.person(world.url, options);
    await visitor.page.goto("/");
    const faults = await faultsOf(visitor.page);
    await visitor.page.screenshot({ path: path.join(OUT, `waiting-${look}.png`), fullPage: true });
    assert.deepEqual(faults, []);
    await visitor.leave();
  }
  await world.stop();
});

it("the keyboard alone registers, logs out and logs in", async () => {
  const visitor = await browser.person(demo.url);
  const { keyboard } = visitor.page;
  const type = async (label, text) => {
    await tabTo(visitor.page, label);
    await keyboard.type(text);
  };
  await visitor.page.goto("/auth/register");
  await type("Your name", "Kim Keys");
  await type("User name", "kim");
  await type("E-mail", "kim@example.com");
  await type("Password", PASSWORD);
  await keyboard.press("Enter");
  await visitor.page.waitForURL("**/dashboard");
  await tabTo(visitor.page, "Log out");
  await keyboard.press("Enter");
  await visitor.page.waitForURL(`${demo.url}/`);
  await tabTo(visitor.page, "Log in");
  await keyboard.press("Enter");
  await visitor.page.waitForURL("**/auth/login**");
  await type("E-mail or user name", "kim");
  await type("Password", PASSWORD);
  await tabTo(visitor.page, "Log in");
  await keyboard.press("Space");
  await visitor.page.waitForURL("**/dashboard");
  await visitor.leave();
});

/** Presses Tab until the control with this name or label has the focus, and the focus can be seen. */
async function tabTo(page, name) {
  for (let presses = 0; presses < 30; presses += 1) {
    await page.keyboard.press("Tab");
    const focus = await page.evaluate(() => {
      const element = document.activeElement;
      const text = element.labels?.[0]?.textContent ?? element.textContent;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
      const isSeen = (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
      return { name: text.trim(), isSeen };
    });
    if (focus.name !== name) continue;
    assert.ok(focus.isSeen, `the focus on ${name} cannot be seen`);
    return;
  }
  throw new Error(`Tab does not reach ${name}`);
}
