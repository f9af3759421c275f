// What a person does with a browser, from the first page to the last: once with scripts, once without.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { AccountPage } from "../pages/account.mjs";
import { DashboardPage } from "../pages/dashboard.mjs";
import { Frame } from "../pages/frame.mjs";
import { GoalsPage } from "../pages/goals.mjs";
import { LoginPage } from "../pages/login.mjs";
import { RegisterPage } from "../pages/register.mjs";
import { Browser } from "../world/browser.mjs";
import { ADA, BOB, Demo, PASSWORD, person } from "../world/demo.mjs";

let demo;
let browser;

before(async () => {
  demo = await Demo.start();
  browser = await Browser.start();
});

after(async () => {
  await browser?.stop();
  await demo?.stop();
});

async function logIn(user, path = "/dashboard", options) {
  const visitor = await browser.person(demo.url, options);
  await visitor.page.goto(path);
  await new LoginPage(visitor.page).logIn(user.email, PASSWORD);
  await visitor.page.waitForURL(`**${path}`);
  return visitor;
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with scripts" : "without a single script";

  describe(`a first visit, ${how}`, () => {
    const grace = person(javaScriptEnabled ? "grace" : "hedy");
    let visitor;
    let page;

    before(async () => {
      visitor = await browser.person(demo.url, { javaScriptEnabled });
      page = visitor.page;
    });

    after(() => visitor.leave());

    it("the home page is open to everybody and leads to the registration", async () => {
      await page.goto("/");
      await page.getByRole("heading", { level: 1, name: "Small steps, always in sight" }).waitFor();
      await page.getByRole("link", { name: "Create an account" }).click();
      await page.getByRole("heading", { level: 1, name: "Create an account" }).waitFor();
    });

    it("a refused registration keeps what was typed, and never the password", async () => {
      const form = new RegisterPage(page);
      await form.register({ ...grace, username: "ada", password: "password" });
      await page.locator('[aria-invalid="true"]').first().waitFor();
      assert.equal(await form.field("name").inputValue(), grace.name);
      assert.equal(await form.field("email").inputValue(), grace.email);
      assert.equal(await form.field("password").inputValue(), "");
    });

    it("a taken name is told at its field", async () => {
      const form = new RegisterPage(page);
      await form.register({ ...grace, username: "ada" });
      assert.match(await form.error("username").textContent(), /is taken/);
    });

    it("registering leads to the dashboard, which greets by name", async () => {
      await new RegisterPage(page).register(grace);
      await page.waitForURL("**/dashboard");
      await new DashboardPage(page).greeting(grace.name).waitFor();
      await new Frame(page).goTo("Dashboard");
      // CK-01, CK-02, CK-03 as the contract has them for http://localhost
      const cookie = await visitor.sessionCookie();
      assert.match(cookie.value, /^v1\.[\w-]{22}\.[\w-]{43}$/);
      const { httpOnly, secure, sameSite, path: where, domain } = cookie;
      const expected = { httpOnly: true, secure: false, sameSite: "Lax", where: "/", domain: "localhost" };
      assert.deepEqual({ httpOnly, secure, sameSite, where, domain }, expected);
    });

    it("goals are created, filtered, paged, moved on, completed and deleted", async () => {
      const goals = new GoalsPage(page);
      await new Frame(page).goTo("My goals");
      assert.equal((await goals.titles()).length, 5, "a page holds five");
      await goals.turnPage(/^Next/);
      await page.waitForURL("**/goals?status=all&page=2");
      assert.equal((await goals.titles()).length, 2, "seven samples are two pages");

      await goals.create("Learn to whittle", "A spoon to begin with.");
      await goals.notice.waitFor();
      await goals.filter("In progress");
      await page.waitForURL("**/goals?status=active");
      assert.equal((await goals.titles())[0], "Learn to whittle");

      await goals.setProgress("Learn to whittle", 30);
      await goals.goal("Learn to whittle").getByText("30 %").waitFor();
      await goals.complete("Learn to whittle");
      await goals.notice.waitFor();
      assert.ok(!(await goals.titles()).includes("Learn to whittle"), "the filter still holds");

      await goals.filter("Completed");
      await page.waitForURL("**/goals?status=completed");
      await goals.goal("Learn to whittle").getByText("100 %").waitFor();
      await goals.delete("Learn to whittle");
      await goals.notice.waitFor();
      await goals.goal("Learn to whittle").waitFor({ state: "detached" });
    });

    it("a goal without a name is refused at its field, and what was typed stays", async () => {
      const goals = new GoalsPage(page);
      await goals.open();
      // Three spaces pass the browser's own check.
      await goals.create("   ", "Described at length.");
      await page.locator("#title-error").waitFor();
      assert.equal(await page.getByLabel(/^Description/).inputValue(), "Described at length.");
    });

    it("the admin page is refused, and no link leads there", async () => {
      const answer = await page.goto("/admin");
      assert.equal(answer.status(), 403);
      await page.getByRole("heading", { level: 1, name: "You may not open this page" }).waitFor();
      await page.goto("/dashboard");
      assert.equal(await page.getByRole("link", { name: "Admin" }).count(), 0);
    });

    it("the account shows this device, and the new name at once", async () => {
      const account = new AccountPage(page);
      await new Frame(page).openAccount();
      assert.equal(await account.devices.count(), 1);
      assert.match(await account.devices.first().textContent(), /Chrome on .*This device/s);
      await account.rename(`${grace.name} the Second`);
      await account.notice.waitFor();
      await page.goto("/dashboard");
      await new DashboardPage(page).greeting(`${grace.name} the Second`).waitFor();
    });

    it("after the logout the back button shows no private page", async () => {
      await new Frame(page).logOut();
      await page.getByRole("link", { name: "Register" }).waitFor();
      assert.equal(await visitor.sessionCookie(), undefined);
      await page.goBack();
      // LO-04: whatever the browser kept, what it shows now asks for a login.
      await new LoginPage(page).heading.waitFor();
      assert.doesNotMatch(await page.content(), /the Second/);
    });

    it("a deep link asks for the login and then leads where it pointed", async () => {
      await page.goto("/goals?status=active&page=2");
      const login = new LoginPage(page);
      await login.logIn(grace.username, "not the password");
      await login.problem.waitFor();
      assert.equal(await login.identifier.inputValue(), grace.username);
      assert.equal(await login.password.inputValue(), "");
      await login.logIn(grace.username, grace.password);
      await page.waitForURL("**/goals?status=active&page=2");
    });

    it("no token was in this browser at any time, and no policy was broken", async () => {
      // LG-01
      const searched = await visitor.assertHoldsNoToken();
      assert.ok(searched > 30, `only ${searched} answers were seen`);
      assert.deepEqual(visitor.complaints, []);
    });
  });
}

it("the admin page opens for an admin and is refused to others", async () => {
  const ada = await logIn(ADA, "/admin");
  await ada.page.getByRole("heading", { level: 1, name: "Everybody’s progress" }).waitFor();
  const bob = await browser.person(demo.url);
  await bob.page.goto("/admin");
  await new LoginPage(bob.page).logIn(BOB.username, PASSWORD);
  await bob.page.getByRole("heading", { level: 1, name: "You may not open this page" }).waitFor();
  await Promise.all([ada.leave(), bob.leave()]);
});

it("the silent refresh is seen on the dashboard while the cookie stays what it was", async () => {
  // The demo's tokens live 60 s and are renewed half-way.
  const ada = await logIn(ADA);
  const dashboard = new DashboardPage(ada.page);
  const number = await dashboard.tokenNumber();
  const cookie = await ada.sessionCookie();
  await dashboard.untilRenewedAfter(number, 50_000);
  assert.deepEqual((await ada.sessionCookie()).value, cookie.value);
  await ada.assertHoldsNoToken();
  await ada.leave();
});

it("a form that another site sends does nothing", async () => {
  // CS-01: a real browser, a real cross-site form
  const ada = await logIn(ADA);
  // Another host and port: an origin and a site of its own.
  await ada.page.goto(`${demo.identityUrl}/.well-known/jwks.json`);
  await ada.page.setContent(
    `<form method="post" action="${demo.url}/auth/logout"><button>Win</button></form>`,
  );
  const answered = ada.page.waitForResponse(`${demo.url}/auth/logout`);
  await ada.page.getByRole("button", { name: "Win" }).click();
  assert.equal((await answered).status(), 403);
  await ada.page.goto(`${demo.url}/dashboard`);
  await new DashboardPage(ada.page).greeting(ADA.name).waitFor();
  await ada.leave();
});
