// Power cuts and restarts: what was acknowledged is still there, what was ended is still ended.

import assert from "node:assert/strict";
import { after, before, it } from "node:test";

import { BOB, Demo, PASSWORD } from "../world/demo.mjs";
import { until } from "../world/until.mjs";

let demo;

before(async () => {
  demo = await Demo.start();
});

after(() => demo?.stop());

it("kill -9 during use and a restart: still logged in, and every goal that was acknowledged is there", async () => {
  const vera = await demo.registered("vera");
  const cookie = vera.cookieHeader;
  const acknowledged = [];
  let died = false;
  const use = async () => {
    for (let number = 1; !died; number += 1) {
      const title = `Goal ${number}`;
      const answer = await vera.post("/api/goals", { title }).catch(() => undefined);
      if (answer?.status === 201) acknowledged.push(title);
    }
  };
  const using = use();
  await until("some goals", () => acknowledged.length >= 5);
  await demo.program.kill();
  died = true;
  await using;

  await demo.restart();
  const session = await vera.whoAmI();
  assert.deepEqual([session.authenticated, session.user.username], [true, "vera"]);
  assert.equal(vera.cookieHeader, cookie);
  const kept = [];
  for (let page = 1, more = true; more; page += 1) {
    const { items, hasMore } = (await vera.get(`/api/goals?page=${page}`)).json;
    kept.push(...items.map(({ title }) => title));
    more = hasMore;
  }
  for (const title of acknowledged) assert.ok(kept.includes(title), `${title} is lost`);
});

it("a logout holds over kill -9", async () => {
  // RF-06
  const wim = await demo.registered("wim");
  const cookie = wim.cookieHeader;
  await wim.post("/auth/logout", {});
  await demo.program.kill();
  await demo.restart();
  const answer = await demo.client().get("/api/goals", { cookie });
  assert.deepEqual([answer.status, answer.json.reason], [401, "logout"]);
});

it("a second start keeps users, sessions and goals, and its password is the one it prints", async () => {
  const xena = await demo.registered("xena");
  await xena.post("/api/goals", { title: "Survive a restart" });
  const bob = await demo.loggedIn(BOB);
  await demo.program.stop();

  await demo.restart();
  assert.ok(demo.program.stdout.includes(PASSWORD), "the screen shows the password");
  assert.ok(demo.program.stdout.includes(demo.url), "the screen shows where to go");
  assert.equal((await xena.get("/api/goals")).json.items[0].title, "Survive a restart");
  assert.equal((await bob.whoAmI()).authenticated, true);
  await demo.loggedIn(BOB);
  await demo.client().logIn("xena", PASSWORD);
});
