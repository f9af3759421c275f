// Two browsers of one person: what one ends, the other is told.

import assert from "node:assert/strict";
import { after, before, it } from "node:test";

import { AccountPage } from "../pages/account.mjs";
import { DashboardPage } from "../pages/dashboard.mjs";
import { LoginPage } from "../pages/login.mjs";
import { RegisterPage } from "../pages/register.mjs";
import { Browser } from "../world/browser.mjs";
import { SCRIPT } from "../world/client.mjs";
import { Demo, person } from "../world/demo.mjs";
import { until } from "../world/until.mjs";

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

/** Somebody new with two browsers, both logged in. */
async function withTwoBrowsers(username) {
  const who = person(username);
  const [desk, phone] = [await browser.person(demo.url), await browser.person(demo.url)];
  const form = new RegisterPage(desk.page);
  await form.open();
  await form.register(who);
  await desk.page.waitForURL("**/dashboard");
  await phone.page.goto("/dashboard");
  await new LoginPage(phone.page).logIn(who.username, who.password);
  await phone.page.waitForURL("**/dashboard");
  return { who, desk, phone };
}

/** What a script of this page is told when it calls. */
function callFrom({ page }, path) {
  return page.evaluate(async (path) => {
    const answer = await fetch(path, { headers: { "x-requested-with": "fetch" } });
    return { status: answer.status, body: await answer.json() };
  }, path);
}

it("one browser ends the other's session, and the other is told so", async () => {
  // LO-01
  const { desk, phone, who } = await withTwoBrowsers("ida");
  const account = new AccountPage(desk.page);
  await account.open();
  assert.equal(await account.devices.count(), 2);
  const other = account.devices.filter({ hasNotText: "This device" });
  await account.endSession(other);
  await account.notice.waitFor();
  assert.equal(await account.devices.count(), 1);

  const refused = await callFrom(phone, "/api/goals");
  assert.equal(refused.status, 401);
  assert.equal(refused.body.reason, "revoked_by_user");
  assert.equal(refused.body.login_url, "/auth/login?return_to=%2Fdashboard");

  await new DashboardPage(desk.page).open();
  await new DashboardPage(desk.page).greeting(who.name).waitFor();
  await Promise.all([desk.leave(), phone.leave()]);
});

it("a browser whose session was ended is sent to the login, which says why", async () => {
  const { desk, phone } = await withTwoBrowsers("jana");
  const account = new AccountPage(desk.page);
  await account.open();
  await account.endAllOthers();
  await account.notice.waitFor();
  await phone.page.goto("/goals");
  await new LoginPage(phone.page).heading.waitFor();
  assert.match(phone.page.url(), /\/auth\/login\?return_to=%2Fgoals$/);
  await Promise.all([desk.leave(), phone.leave()]);
});

it("a new password ends the other sessions and keeps this one", async () => {
  const { desk, phone, who } = await withTwoBrowsers("kate");
  const account = new AccountPage(desk.page);
  await account.open();
  await account.changePassword(who.password, "another harbour with nine lamps");
  await account.notice.waitFor();
  await until(
    "the end of the other session",
    async () => (await callFrom(phone, "/api/goals")).status === 401,
  );
  assert.equal((await callFrom(desk, "/api/goals")).status, 200);

  const back = demo.client();
  const old = await back.post("/auth/login", { identifier: who.username, password: who.password });
  assert.equal(old.status, 401);
  await back.logIn(who.username, "another harbour with nine lamps");
  await Promise.all([desk.leave(), phone.leave()]);
});

it("a new password leaves the other sessions alone where that was chosen", async () => {
  const { desk, phone, who } = await withTwoBrowsers("lena");
  const account = new AccountPage(desk.page);
  await account.open();
  await account.changePassword(who.password, "another harbour with nine lamps", { keepOthers: true });
  await account.notice.waitFor();
  assert.equal((await callFrom(phone, "/api/goals")).status, 200);
  await Promise.all([desk.leave(), phone.leave()]);
});

it("scripts list and end sessions too, and nobody ends a stranger's", async () => {
  // ID-12
  const mary = await demo.registered("mary");
  const second = demo.client();
  await second.logIn("mary", person("mary").password);
  const { sessions } = (await mary.get("/auth/sessions")).json;
  assert.equal(sessions.length, 2);
  for (const one of sessions) {
    const keys = ["created_at", "current", "id", "ip", "last_seen_at", "user_agent"];
    assert.deepEqual(Object.keys(one).sort(), keys);
    assert.equal(one.user_agent, "curl/8.14.1");
  }
  const other = sessions.find(({ current }) => !current);

  const stranger = await demo.registered("nell");
  assert.equal((await stranger.send("DELETE", `/auth/sessions/${other.id}`)).status, 404);
  assert.equal((await second.whoAmI()).authenticated, true);

  assert.equal((await mary.send("DELETE", `/auth/sessions/${other.id}`)).status, 204);
  assert.equal((await mary.send("DELETE", `/auth/sessions/${other.id}`)).status, 404);
  const refused = await second.get("/api/goals", SCRIPT);
  assert.deepEqual([refused.status, refused.json.reason], [401, "revoked_by_user"]);

  const third = demo.client();
  await third.logIn("mary", person("mary").password);
  assert.equal((await mary.send("DELETE", "/auth/sessions")).status, 204);
  assert.equal((await third.whoAmI()).reason, "revoked_by_user");
  assert.equal((await mary.whoAmI()).authenticated, true);
});

it("a form that was made for another session is refused", async () => {
  // CS-04: token of session A fails in B
  const olga = await demo.registered("olga");
  const paula = await demo.registered("paula");
  const token = (page) => /name="form_token" value="([^"]+)"/.exec(page.text)[1];
  const theirs = token(await olga.visit("/auth/account"));
  const refused = await paula.submit("/auth/sessions/end-others", { form_token: theirs });
  assert.equal(refused.status, 403);
  const own = token(await paula.visit("/auth/account"));
  assert.equal((await paula.submit("/auth/sessions/end-others", { form_token: own })).status, 303);
});

it("a form's token is nothing that a cookie could bring along", async () => {
  // CS-05: no double submit
  const rita = await demo.registered("rita");
  const page = await rita.visit("/auth/account");
  const token = /name="form_token" value="([^"]+)"/.exec(page.text)[1];
  assert.ok(!rita.cookieHeader.includes(token));
  rita.cookies.set("form_token", "chosen");
  const refused = await rita.submit("/auth/sessions/end-others", { form_token: "chosen" });
  assert.equal(refused.status, 403);
});
