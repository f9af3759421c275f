// The same path without a browser: what curl sends, and what a script on a page sends.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { NAVIGATION, SCRIPT } from "../world/client.mjs";
import { BOB, Demo, PASSWORD, person } from "../world/demo.mjs";

let demo;

before(async () => {
  demo = await Demo.start();
});

after(() => demo?.stop());

/** Fails unless an answer is the refusal `code`, in the one shape of errors. */
function assertRefused(answer, status, code) {
  assert.deepEqual([answer.status, answer.json.error], [status, code], answer.text);
  assert.equal(typeof answer.json.message, "string");
  assert.equal(answer.json.request_id, answer.headers["x-request-id"]);
}

it("login, call, session, refresh and logout, with JSON alone", async () => {
  const curl = demo.client();
  const login = await curl.post("/auth/login", { identifier: BOB.email, password: PASSWORD });
  assert.equal(login.status, 200);
  const { user } = login.json;
  assert.deepEqual([user.name, user.username, user.email], [BOB.name, BOB.username, BOB.email]);
  assert.deepEqual(user.roles, []);

  // CK-01, CK-02, CK-17
  const cookie = login.setCookie("cloakroom");
  const attributes = { path: "/", "max-age": String(14 * 86_400), httponly: "", samesite: "Lax" };
  assert.deepEqual(Object.fromEntries(cookie.attributes), attributes);
  assert.ok(cookie.line.length <= 4096, "CK-04");
  assert.equal(login.headers["cache-control"], "no-store");

  const goals = await curl.get("/api/goals?page=2&status=all");
  assert.deepEqual([goals.json.page, goals.json.totalPages, goals.json.hasMore], [2, 2, false]);
  assert.deepEqual(Object.keys(goals.json.items[0]).sort(), [
    "description",
    "id",
    "progress",
    "status",
    "title",
  ]);
  assert.equal(goals.headers["cache-control"], "private, no-store");

  const session = await curl.whoAmI();
  assert.equal(session.authenticated, true);
  assert.equal(session.sid, goals.headers["x-cloakroom-sid"]);
  assert.deepEqual(Object.keys(session.user).sort(), [
    "claims",
    "email",
    "id",
    "name",
    "picture",
    "roles",
    "username",
  ]);
  assert.ok(session.expires_in > 0 && session.expires_in <= 60, `expires_in ${session.expires_in}`);
  assert.ok(session.idle_expires_in <= session.absolute_expires_in);

  const renewed = await curl.send("POST", "/auth/refresh");
  assert.equal(renewed.status, 200);
  assert.deepEqual(Object.keys(renewed.json), ["expires_in"]);

  const logout = await curl.post("/auth/logout", {});
  assert.equal(logout.status, 204);
  assert.equal(logout.headers["clear-site-data"], '"cache"');
  // CK-19: cleared with the attributes it was set with
  const cleared = Object.fromEntries(logout.setCookie("cloakroom").attributes);
  assert.deepEqual(cleared, { ...attributes, "max-age": "0" });
  assert.equal((await curl.post("/auth/logout", {})).status, 204, "idempotent");
  assert.equal((await curl.whoAmI()).reason, "no_session");
});

it("the old cookie opens nothing after the logout, and is told why", async () => {
  // LO-01
  const curl = await demo.loggedIn(BOB);
  const cookie = curl.cookieHeader;
  await curl.post("/auth/logout", {});
  const answer = await demo.client().get("/api/goals", { cookie });
  assertRefused(answer, 401, "unauthenticated");
  assert.equal(answer.json.reason, "logout");
});

it("a login replaces the session of this browser", async () => {
  // CK-11
  const curl = await demo.loggedIn(BOB);
  const before = curl.cookieHeader;
  await curl.logIn(BOB.username, PASSWORD);
  assert.notEqual(curl.cookieHeader, before);
  const answer = await demo.client().get("/api/goals", { cookie: before });
  assert.deepEqual([answer.status, answer.json.reason], [401, "replaced"]);
});

it("every name for the identifier is understood", async () => {
  for (const name of ["identifier", "email", "username"]) {
    const answer = await demo.client().post("/auth/login", { [name]: BOB.email, password: PASSWORD });
    assert.equal(answer.status, 200, name);
  }
});

it("goals are created, read, changed and deleted through the API", async () => {
  const rosa = await demo.registered("rosa");
  const created = await rosa.post("/api/goals", { title: "Sail", progress: 10 });
  assert.equal(created.status, 201);
  const { id } = created.json;
  assert.equal((await rosa.get(`/api/goals/${id}`)).json.title, "Sail");
  const changed = await rosa.send("PATCH", `/api/goals/${id}`, { json: { status: "completed" } });
  assert.deepEqual([changed.json.status, changed.json.progress], ["completed", 100]);
  const stranger = await demo.registered("sven");
  assert.equal((await stranger.get(`/api/goals/${id}`)).status, 404);
  assert.equal((await rosa.send("DELETE", `/api/goals/${id}`)).status, 204);
  assert.equal((await rosa.get(`/api/goals/${id}`)).status, 404);
});

it("the admin's numbers are for admins", async () => {
  const bob = await demo.loggedIn(BOB);
  assertRefused(await bob.get("/api/admin/stats"), 403, "forbidden");
  const ada = await demo.loggedIn({ email: "ada@example.com" });
  const stats = await ada.get("/api/admin/stats");
  assert.equal(stats.status, 200);
  assert.ok(Array.isArray(stats.json.users));
});

describe("a request without a session", () => {
  it("is led to the login where a person opens a page", async () => {
    // GD-13
    const page = await demo.client().visit("/goals?status=active");
    assert.deepEqual([page.status, page.location], [303, "/auth/login?return_to=%2Fgoals%3Fstatus%3Dactive"]);
  });

  it("is told the reason and the login's address where a script calls", async () => {
    const referer = `${demo.url}/goals?page=2`;
    const answer = await demo.client().get("/api/goals", { ...SCRIPT, referer });
    assertRefused(answer, 401, "unauthenticated");
    assert.equal(answer.json.reason, "no_session");
    assert.equal(answer.json.login_url, "/auth/login?return_to=%2Fgoals%3Fpage%3D2");
  });

  it("gets 401 where a browser only prefetches", async () => {
    const answer = await demo.client().visit("/dashboard", { "sec-purpose": "prefetch" });
    assert.equal(answer.status, 401);
    assert.equal(answer.setCookies.length, 0);
  });

  it("is still answered by /auth/session", async () => {
    const answer = await demo.client().get("/auth/session");
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json, { authenticated: false, reason: "no_session", login_url: "/auth/login" });
  });
});

describe("an unsafe request", () => {
  it("is refused without an origin, and told what is missing", async () => {
    const curl = await demo.loggedIn(BOB);
    const bare = { "x-requested-with": undefined };
    const answer = await curl.send("POST", "/api/goals", { json: { title: "x" }, headers: bare });
    assertRefused(answer, 403, "csrf");
    assert.equal(answer.json.missing, "origin");
  });

  it("is refused on the API without the header that no form can send", async () => {
    // CS-03
    const curl = await demo.loggedIn(BOB);
    const headers = { ...SCRIPT, "x-requested-with": undefined };
    const form = await curl.send("POST", "/api/goals", { form: { title: "x" }, headers });
    assertRefused(form, 403, "csrf");
    assert.equal(form.json.missing, "header");
    const json = await curl.send("POST", "/api/goals", { json: { title: "x" }, headers });
    assert.equal(json.status, 201, "JSON needs a preflight, too");
  });

  it("is refused from every other site, whatever else it carries", async () => {
    // CS-01, CS-02, CS-06
    const curl = await demo.loggedIn(BOB);
    const foreign = [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "none" },
      { "sec-fetch-site": "cross-site", origin: demo.url },
      { origin: "null" },
      { origin: "https://evil.example" },
      { origin: `${demo.url}.evil.example` },
    ];
    for (const headers of foreign) {
      for (const path of ["/api/goals", "/goals", "/auth/logout", "/auth/login", "/auth/refresh"]) {
        const answer = await curl.send("POST", path, { json: { title: "x" }, headers });
        assertRefused(answer, 403, "csrf");
        assert.equal(answer.json.missing, "origin", path);
      }
    }
    assert.equal((await curl.whoAmI()).authenticated, true);
  });

  it("passes with an equal Origin where a browser sends no Sec-Fetch-Site", async () => {
    const curl = await demo.loggedIn(BOB);
    const headers = { origin: demo.url, "x-requested-with": undefined };
    const answer = await curl.send("POST", "/api/goals", { json: { title: "Old browser" }, headers });
    assert.equal(answer.status, 201);
  });
});

it("no other site is allowed to read an answer or to ask for more", async () => {
  // CS-07: there is no CORS
  const bob = await demo.loggedIn(BOB);
  const foreign = { origin: "https://evil.example", "access-control-request-method": "DELETE" };
  for (const path of ["/auth/session", "/auth/sessions", "/api/goals"]) {
    for (const method of ["GET", "OPTIONS"]) {
      const answer = await bob.send(method, path, { headers: foreign });
      const granted = Object.keys(answer.headers).filter((name) => name.startsWith("access-control-"));
      assert.deepEqual(granted, [], `${method} ${path}`);
    }
  }
});

it("what looks like SQL is a name like any other", async () => {
  // ID-13
  for (const identifier of [
    "' OR 1=1 --",
    "ada' --",
    'ada"; DROP TABLE users; --',
    "%",
    "a_a",
    "ada\u0000",
  ]) {
    const answer = await demo.client().post("/auth/login", { identifier, password: PASSWORD });
    assertRefused(answer, 401, "invalid_credentials");
  }
  const name = "Robert'); DROP TABLE users;--";
  const robert = demo.client();
  await robert.register({ ...person("robert"), name });
  assert.equal((await robert.whoAmI()).user.name, name);
  await demo.client().logIn("robert", PASSWORD);
});

describe("an endpoint of ours", () => {
  it("says 404 where there is none, 405 for another method, 415 for another media type", async () => {
    // CS-09, GD-12
    const curl = demo.client();
    assertRefused(await curl.get("/auth/nothing"), 404, "not_found");
    assertRefused(await curl.send("PUT", "/auth/login", { json: {} }), 405, "method_not_allowed");
    const text = await curl.send("POST", "/auth/login", {
      body: "{}",
      headers: { "content-type": "text/plain" },
    });
    assertRefused(text, 415, "unsupported_media_type");
  });

  it("says 422 with each wrong field, and 409 for what is taken", async () => {
    const curl = demo.client();
    const wrong = await curl.post("/auth/register", {
      name: "",
      username: "x",
      email: "x",
      password: "short",
    });
    assertRefused(wrong, 422, "invalid_fields");
    for (const field of ["name", "email", "password"]) assert.ok(wrong.json.fields[field], field);
    assert.ok(!wrong.text.includes("short"), "the password does not come back");
    const taken = await curl.post("/auth/register", { ...person("someone"), username: "bob" });
    assertRefused(taken, 409, "username_taken");
    assert.ok(taken.json.fields.username);
    const mail = await curl.post("/auth/register", { ...person("someone"), email: BOB.email });
    assertRefused(mail, 409, "email_taken");
    assert.equal(curl.cookies.get("cloakroom"), undefined);
  });

  it("gives nobody a role who registers with one", async () => {
    // ID-11
    const curl = demo.client();
    await curl.register({ ...person("mallory"), roles: "admin", role: "admin", id: "1" });
    assert.deepEqual((await curl.whoAmI()).user.roles, []);
    assert.equal((await curl.get("/api/admin/stats")).status, 403);
  });

  it("refuses weak passwords, also long ones", async () => {
    // ID-04
    for (const password of ["password1234", "aaaaaaaaaaaaaaaa", "cloakroom2026"]) {
      const answer = await demo.client().post("/auth/register", { ...person("weak"), password });
      assertRefused(answer, 422, "invalid_fields");
      assert.deepEqual(Object.keys(answer.json.fields), ["password"]);
    }
  });

  it("changes nothing by GET", async () => {
    // CS-08, LO-03, LG-14
    const curl = await demo.loggedIn(BOB);
    const page = await curl.visit("/auth/logout");
    assert.equal(page.status, 200);
    assert.match(page.text, /Log out\?/);
    assert.equal((await curl.whoAmI()).authenticated, true);
    const stranger = demo.client();
    await stranger.visit(`/auth/login?identifier=bob&password=${encodeURIComponent(PASSWORD)}`);
    assert.equal(stranger.session, undefined);
  });

  it("leads whoever is logged in past the login page", async () => {
    const curl = await demo.loggedIn(BOB);
    const answer = await curl.visit("/auth/login?return_to=/goals");
    assert.deepEqual([answer.status, answer.location], [303, "/goals"]);
  });

  it("renews on the way to a page once, and then says that it goes in circles", async () => {
    const curl = await demo.loggedIn(BOB);
    const first = await curl.visit("/auth/refresh?return_to=/goals");
    assert.deepEqual([first.status, first.location], [303, "/goals"]);
    const second = await curl.visit("/auth/refresh?return_to=/goals");
    assert.equal(second.status, 502);
    assert.match(second.text, /keeps sending you back/);
    assert.equal((await curl.get("/auth/refresh?return_to=/goals", SCRIPT)).status, 400);
  });

  it("publishes the keys of its assertions and nothing private in them", async () => {
    const { keys } = (await demo.client().get("/auth/jwks.json")).json;
    assert.ok(keys.length > 0);
    for (const key of keys) assert.deepEqual([key.kty, key.crv, key.d], ["EC", "P-256", undefined]);
  });

  it("guards its pages against framing, sniffing, scripts and caches", async () => {
    // LG-15, CK-17
    const page = await demo.client().visit("/auth/login");
    assert.match(
      page.headers["content-security-policy"],
      /default-src 'none'.*frame-ancestors 'none'.*base-uri 'none'/,
    );
    assert.doesNotMatch(page.headers["content-security-policy"], /unsafe/);
    assert.equal(page.headers["x-content-type-options"], "nosniff");
    assert.equal(page.headers["cross-origin-opener-policy"], "same-origin");
    assert.match(page.headers["cache-control"], /no-store/);
    assert.ok(page.headers["referrer-policy"]);
  });

  it("escapes what was typed", async () => {
    // LG-16
    const evil = '"><script>alert(1)</script>';
    const page = await demo.client().submit("/auth/login", { identifier: evil, password: "x y z" });
    assert.equal(page.status, 401);
    assert.ok(!page.text.includes("<script"), "raw");
    assert.ok(page.text.includes("&#60;script&#62;") || page.text.includes("&lt;script&gt;"));
  });
});

it("a form login answers with 303 and shows a refusal on its page", async () => {
  // LG-10
  const browser = demo.client({ headers: NAVIGATION });
  const wrong = await browser.submit("/auth/login", {
    identifier: "bob",
    password: "wrong",
    return_to: "/goals",
  });
  assert.equal(wrong.status, 401);
  assert.match(wrong.headers["content-type"], /^text\/html/);
  assert.match(wrong.text, /name="return_to" value="\/goals"/);
  const right = await browser.submit("/auth/login", {
    identifier: "bob",
    password: PASSWORD,
    return_to: "/goals",
  });
  assert.deepEqual([right.status, right.location], [303, "/goals"]);
});

it("a path that no route covers is 404, and the upstream is not asked", async () => {
  // GD-01
  assertRefused(await demo.client().get("/nowhere"), 404, "no_route");
  const page = await demo.client().visit("/nowhere");
  assert.equal(page.status, 404);
  assert.match(page.text, /There is nothing here/);
});

it("wrong, unknown and disabled users get one answer", async () => {
  // LG-11
  await demo.registered("tess");
  assert.equal((await demo.command(["user", "disable", "tess"])).code, 0);
  const attempts = [
    { identifier: "bob", password: "wrong but long enough" },
    { identifier: "nobody-of-this-name", password: "wrong but long enough" },
    { identifier: "tess", password: PASSWORD },
  ];
  const answers = [];
  for (const attempt of attempts) answers.push(await demo.client().post("/auth/login", attempt));
  const seen = answers.map(({ status, headers, json }) => {
    const { date, "x-request-id": id, ...rest } = headers;
    return { status, rest, error: json.error, message: json.message };
  });
  assert.equal(seen[0].status, 401);
  assert.equal(seen[0].error, "invalid_credentials");
  assert.deepEqual(seen[1], seen[0]);
  assert.deepEqual(seen[2], seen[0]);
});
