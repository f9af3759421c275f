// What nobody should send, and what comes of it: a clear answer, never a 500, never a hole.

import assert from "node:assert/strict";
import http from "node:http";
import net from "node:net";
import { after, before, describe, it } from "node:test";

import { NAVIGATION } from "../world/client.mjs";
import { PASSWORD } from "../world/demo.mjs";
import { close, freePorts, listen } from "../world/ports.mjs";
import { Serve } from "../world/serve.mjs";

/** One route for everybody. */
const OPEN = [{ path: "/**", access: "optional" }];

let world;
let ada;

before(async () => {
  world = await Serve.start();
  ada = await world.registered("ada");
});

after(() => world?.stop());

const isCleared = (answer) => answer.setCookie("cloakroom")?.attributes.get("max-age") === "0";

describe("a session cookie", () => {
  it("that is forged, cut or changed is no session, and is cleared", async () => {
    // CK-07, CK-16, GD-08
    const [version, id, secret] = ada.session.split(".");
    const flip = (text) => (text[0] === "A" ? "B" : "A") + text.slice(1);
    const bad = [
      "x",
      "v1",
      "v1.",
      "v1..",
      `v1.${id}`,
      `v1.${id}.`,
      `v1..${secret}`,
      `v2.${id}.${secret}`,
      `${version}.${flip(id)}.${secret}`,
      `${version}.${id}.${flip(secret)}`,
      `${version}.${secret}.${id}`,
      `${ada.session}A`,
      ada.session.slice(0, -1),
      `${ada.session}=`,
      ` ${ada.session}x`,
      `"${ada.session}"`,
      encodeURIComponent(`${ada.session}\u0000`),
      "é".repeat(20),
      `v1.${"A".repeat(22)}.${"A".repeat(43)}`,
      "A".repeat(4000),
    ];
    const reached = world.upstream.arrived.length;
    for (const value of bad) {
      const cookie = Buffer.from(`cloakroom=${value}`).toString("latin1");
      const answer = await world.client().get("/api/x", { cookie });
      const seen = [answer.status, answer.json.error, answer.json.reason, isCleared(answer)];
      assert.deepEqual(seen, [401, "unauthenticated", "no_session", true], value);
    }
    assert.equal(world.upstream.arrived.length, reached);
    assert.equal((await ada.get("/api/x")).status, 200, "the real one still opens");
  });

  it("that comes twice is no session, and nothing is cleared", async () => {
    // CK-15
    const twice = [
      `cloakroom=${ada.session}; cloakroom=${ada.session}`,
      `cloakroom=x; cloakroom=${ada.session}`,
      `cloakroom=${ada.session}; a=b; cloakroom=`,
    ];
    for (const cookie of twice) {
      const answer = await world.client().get("/api/x", { cookie });
      assert.deepEqual([answer.status, answer.setCookies.length], [401, 0], cookie);
    }
  });

  it("of another name is not ours, however similar", async () => {
    // CK-16
    for (const name of [
      "Cloakroom",
      "cloakroom ",
      "__Host-cloakroom",
      "__Host-Http-cloakroom",
      "\u2000cloakroom",
    ]) {
      const cookie = Buffer.from(`${name}=${ada.session}`).toString("latin1");
      const answer = await world.client().get("/api/x", { cookie });
      assert.deepEqual([answer.status, answer.setCookies.length], [401, 0], name);
    }
  });

  it("that was planted before the login is never the one after it", async () => {
    // CK-11
    const victim = world.client();
    const planted = (await world.registered("mallory")).session;
    victim.cookies.set("cloakroom", planted);
    await victim.logIn("ada", PASSWORD);
    assert.notEqual(victim.session, planted);
    assert.equal((await world.client().get("/api/x", { cookie: `cloakroom=${planted}` })).status, 401);
  });
});

describe("a way back", () => {
  const elsewhere = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/ /evil.example",
    " //evil.example",
    "http:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "/..//evil.example",
    "/.//evil.example",
    "/%2e%2e//evil.example",
    "/\u00a0/evil.example",
    "/é",
    "@evil.example",
    "/a\r\nX: y",
    "/auth/logout",
    "/auth",
    "/AUTH/login",
    `/${"a".repeat(3000)}`,
    "",
  ];

  it("that leaves the site leads to the default page", async () => {
    // LG-09
    for (const return_to of elsewhere) {
      const answer = await world
        .client()
        .submit("/auth/login", { identifier: "ada", password: PASSWORD, return_to });
      assert.deepEqual([answer.status, answer.location], [303, "/"], JSON.stringify(return_to));
    }
  });

  it("that leaves the site is not even offered by the login page, and a session is not led there", async () => {
    for (const path of elsewhere) {
      const query = `return_to=${encodeURIComponent(path)}`;
      const page = await world.client().visit(`/auth/login?${query}`);
      assert.match(page.text, /name="return_to" value="\/"/, JSON.stringify(path));
      assert.equal((await ada.visit(`/auth/login?${query}`)).location, "/", JSON.stringify(path));
    }
  });

  it("on the site is kept, also under the name that Auth.js uses", async () => {
    for (const [name, path] of [
      ["return_to", "/api/x?a=b&c=%2F"],
      ["callbackUrl", "/goals#top"],
    ]) {
      const form = { identifier: "ada", password: PASSWORD, [name]: path };
      assert.equal((await world.client().submit("/auth/login", form)).location, path);
    }
  });

  it("given twice is none", async () => {
    const page = await world.client().visit("/auth/login?return_to=/a&return_to=/b");
    assert.match(page.text, /name="return_to" value="\/"/);
  });
});

describe("limits", () => {
  it("ten wrong passwords are enough, for a stranger and not for the owner's own device", async () => {
    // LG-12
    const device = await world.registered("limit");
    const stranger = world.client();
    let last;
    for (let attempt = 0; attempt < 12 && last?.status !== 429; attempt += 1) {
      last = await stranger.post("/auth/login", { identifier: "limit", password: `wrong number ${attempt}` });
    }
    assert.deepEqual([last.status, last.json.error], [429, "rate_limited"]);
    assert.ok(Number(last.headers["retry-after"]) > 0);
    const right = await world.client().post("/auth/login", { identifier: "limit", password: PASSWORD });
    assert.equal(right.status, 429, "nor does the right one help a stranger");
    await device.post("/auth/logout", {});
    await device.logIn("limit", PASSWORD);
  });

  it("a password of a mebibyte is refused before it is hashed", async () => {
    // ID-02, ID-10
    const answer = await world
      .client()
      .post("/auth/login", { identifier: "ada", password: "x".repeat(1024 * 1024) });
    assert.equal(answer.status, 413);
    const long = await world.client().post("/auth/login", { identifier: "ada", password: "x".repeat(2000) });
    assert.equal(long.status, 422);
  });

  it("too long an address and too many headers are refused", async () => {
    assert.equal((await ada.get(`/${"a".repeat(9_000)}`)).status, 414);
    const many = Object.fromEntries(Array.from({ length: 120 }, (_, number) => [`x-h${number}`, "1"]));
    assert.equal((await ada.get("/api/x", many)).status, 431);
    assert.equal((await ada.get("/api/x", { "x-long": "a".repeat(60_000) })).status, 431);
  });

  it("methods that nobody forwards are 405", async () => {
    for (const method of ["TRACE", "PROPFIND"]) {
      assert.equal((await ada.send(method, "/public/x")).status, 405, method);
    }
  });
});

describe("an upstream that is down", () => {
  let waiting;
  let port;

  before(async () => {
    [port] = await freePorts(1);
    waiting = await Serve.start({ upstream: `http://127.0.0.1:${port}`, routes: OPEN });
  });

  after(() => waiting?.stop());

  it("is 503: scripts read what is missing, people see what is waited for", async () => {
    const script = await waiting.client().get("/x");
    assert.deepEqual([script.status, script.json.error], [503, "upstream_unavailable"]);
    assert.ok(Number(script.headers["retry-after"]) > 0);
    const page = await waiting.client().visit("/x");
    assert.equal(page.status, 503);
    assert.match(page.text, /<h1>Waiting for app<\/h1>/);
    assert.match(page.text, /http-equiv="refresh"/, "the page tries again by itself");
  });

  it("is used again as soon as it listens", async () => {
    const app = http.createServer((request, response) => response.end("here"));
    await listen("127.0.0.1", port, app);
    assert.equal((await waiting.client().get("/x")).text, "here");
    app.closeAllConnections();
    await close(app);
  });
});

it("an upstream that answers nonsense is a 502, and its words are not repeated", async () => {
  // AU-05
  const babble = (socket) => socket.once("data", () => socket.end("SECRET-BANNER what is HTTP?\r\n\r\n"));
  const app = await listen("127.0.0.1", 0, net.createServer(babble));
  const odd = await Serve.start({ upstream: `http://127.0.0.1:${app.address().port}`, routes: OPEN });
  try {
    const answer = await odd.client().get("/x");
    assert.deepEqual([answer.status, answer.json.error], [502, "bad_upstream"]);
    assert.ok(!answer.text.includes("SECRET-BANNER"));
  } finally {
    await odd.stop();
    await close(app);
  }
});

it("a form is refused with the page it came from", async () => {
  const browser = world.client({ headers: NAVIGATION });
  const form = { name: "Nora", username: "nora", email: "not an address", password: "short" };
  const page = await browser.submit("/auth/register", form);
  assert.equal(page.status, 422);
  assert.match(page.text, /value="Nora"/);
  assert.match(page.text, /value="not an address"/);
  assert.doesNotMatch(page.text, /value="short"/);
  assert.match(page.text, /id="password-error"/);
});
