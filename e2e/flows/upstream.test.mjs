// What an application behind the gateway sees, and what it cannot do to the browser.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { NAVIGATION } from "../world/client.mjs";
import { Serve } from "../world/serve.mjs";
import { bearer, claims } from "../world/token.mjs";
import { exchange, statusOf } from "../world/wire.mjs";

let world;
let ada;
let id;

before(async () => {
  world = await Serve.start();
  ada = await world.registered("ada");
  ({ id } = (await ada.whoAmI()).user);
});

after(() => world?.stop());

/** Everything that says who is calling, as somebody who is not would write it. */
const SPOOFED = {
  "X-User-Id": "1",
  X_User_Id: "1",
  "X-User_Id": "1",
  "X-Cloakroom-Session": "forged",
  X_Cloakroom_Session: "forged",
  "X-Cloakroom-Sid": "forged",
  "X-Forwarded-For": "203.0.113.9",
  "X-Forwarded-Host": "evil.example",
  "X-Forwarded-Proto": "https",
  "X-Forwarded-Port": "1",
  "X-Forwarded-Prefix": "/evil",
  "X-Forwarded-User": "root",
  X_Forwarded_For: "203.0.113.9",
  Forwarded: "for=203.0.113.9;host=evil.example",
  "X-Real-IP": "203.0.113.9",
  "X-Request-Id": "forged",
  "X-Original-URL": "/admin",
  "X-Rewrite-URL": "/admin",
  "X-HTTP-Method-Override": "DELETE",
  "X-Remote-User": "root",
  "Remote-User": "root",
  "X-Auth-Request-Email": "root@example.com",
  "x-middleware-subrequest": "middleware:middleware:middleware",
  "x-matched-path": "/admin",
  "x-now-route-matches": "1",
  "x-invoke-path": "/admin",
  Proxy: "http://evil.example",
};

const OURS = [
  "x-user-id",
  "x-cloakroom-session",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-forwarded-port",
  "x-request-id",
];

describe("who is calling", () => {
  it("is told by the gateway alone, whatever the client wrote", async () => {
    // PX-09, PX-10, PX-12, PX-14, GD-03
    const answer = await ada.get("/page", { ...SPOOFED, authorization: "Bearer forged" });
    const arrived = world.upstream.last("/page");
    for (const name of Object.keys(SPOOFED).map((name) => name.toLowerCase())) {
      const expected = OURS.includes(name) ? 1 : 0;
      assert.equal(arrived.all(name).length, expected, name);
    }
    assert.equal(arrived.header("x-user-id"), id);
    assert.equal(claims(bearer(arrived)).sub, id);
    assert.equal(arrived.header("x-forwarded-for"), "127.0.0.1");
    assert.equal(arrived.header("x-forwarded-host"), ada.origin.host);
    assert.equal(arrived.header("x-forwarded-proto"), "http");
    assert.equal(arrived.header("x-forwarded-port"), String(world.port));
    assert.equal(arrived.header("x-request-id"), answer.headers["x-request-id"]);
    const assertion = claims(arrived.header("x-cloakroom-session"));
    assert.deepEqual([assertion.iss, assertion.aud, assertion.sub], [world.url, "cloakroom:app", id]);
    assert.equal(assertion.sid, answer.headers["x-cloakroom-sid"]);
  });

  it("is told on no route to anybody who is not logged in", async () => {
    // PX-09, GD-09
    for (const path of ["/open/page", "/public/page"]) {
      for (const cookie of [undefined, "cloakroom=forged", "cloakroom=v1.AAAA.BBBB"]) {
        const stranger = world.client();
        const answer = await stranger.get(path, { ...SPOOFED, authorization: "Bearer forged", cookie });
        assert.equal(answer.status, 200, path);
        const arrived = world.upstream.last(path);
        for (const name of [
          "x-user-id",
          "x-cloakroom-session",
          "authorization",
          "cookie",
          "x-forwarded-user",
        ]) {
          assert.deepEqual(arrived.all(name), [], `${name} at ${path}`);
        }
      }
    }
  });

  it("is not told on a public route, even of somebody who is logged in", async () => {
    await ada.get("/public/mine");
    const arrived = world.upstream.last("/public/mine");
    for (const name of ["x-user-id", "x-cloakroom-session", "authorization", "cookie"]) {
      assert.deepEqual(arrived.all(name), [], name);
    }
  });

  it("cannot be taken away by naming it in Connection", async () => {
    // PX-08
    const named = [
      "X-User-Id",
      "X-Cloakroom-Session",
      "Authorization",
      "X-Forwarded-For",
      "X-Forwarded-Host",
      "X-Request-Id",
      "Host",
    ];
    const text = await exchange(
      world.port,
      [
        "GET /connection HTTP/1.1",
        `Host: ${ada.origin.host}`,
        `Cookie: ${ada.cookieHeader}`,
        "X-Hop: yes",
        "Keep-Alive: timeout=5",
        "TE: gzip",
        `Connection: close, X-Hop, ${named.join(", ")}`,
        "",
        "",
      ].join("\n"),
    );
    assert.equal(statusOf(text), 200);
    const arrived = world.upstream.last("/connection");
    for (const name of named) assert.equal(arrived.all(name.toLowerCase()).length, 1, name);
    for (const name of ["x-hop", "keep-alive", "te"]) assert.deepEqual(arrived.all(name), [], name);
    assert.equal(arrived.header("x-user-id"), id);
  });

  it("is not a role that a header, an agent or an address claims", async () => {
    // GD-07
    const probes = [
      { "user-agent": "kube-probe/1.30" },
      { "user-agent": "GoogleHC/1.0" },
      { "user-agent": "ELB-HealthChecker/2.0" },
      { "x-forwarded-for": "127.0.0.1" },
      { "x-user-roles": "admin" },
      { "x-original-url": "/public/x" },
      { "x-middleware-subrequest": "src/middleware:src/middleware" },
      { authorization: "Bearer %" },
      { authorization: "Basic YWRhOmFkYQ==" },
    ];
    for (const headers of probes) {
      assert.equal((await world.client().get("/private/x", headers)).status, 401, JSON.stringify(headers));
      assert.equal((await ada.get("/admin/x", headers)).status, 403, JSON.stringify(headers));
    }
    assert.equal(world.upstream.last("/private/x"), undefined);
    assert.equal(world.upstream.last("/admin/x"), undefined);
  });
});

describe("cookies", () => {
  it("of others arrive byte for byte, ours do not arrive", async () => {
    // PX-11
    const others = 'a=1;  b="two words"; c=x=y=z; cloakroom_other=1; Cloakroom=2; d=%20;e';
    await ada.get("/cookies", { cookie: `${others}; cloakroom=${ada.session}; cloakroom-device=x` });
    assert.equal(world.upstream.last("/cookies").header("cookie"), others);
    await ada.get("/cookies", { cookie: `cloakroom=${ada.session}` });
    assert.deepEqual(world.upstream.last("/cookies").all("cookie"), []);
  });

  it("of an upstream pass, except under our names", async () => {
    // PX-11
    const theirs = "theme=dark; Path=/; SameSite=Lax";
    const planted = [
      "cloakroom=planted; Path=/",
      "cloakroom-device=planted",
      " cloakroom =planted",
      "=cloakroom=planted",
    ];
    world.upstream.on("/set-cookie", (request, response) => {
      response.setHeader("set-cookie", [planted[0], theirs, ...planted.slice(1)]);
      response.end();
    });
    const answer = await ada.get("/set-cookie");
    assert.deepEqual(
      answer.setCookies.map(({ line }) => line),
      [theirs],
    );
    const open = await world.client().get("/set-cookie");
    assert.equal(open.status, 401);
  });
});

describe("an answer", () => {
  it("that was made for somebody is kept by no cache, whatever the upstream says", async () => {
    // CK-17
    world.upstream.on("/cached", (request, response) => {
      response.setHeader("cache-control", "public, max-age=600");
      response.setHeader("expires", "Thu, 01 Jan 2099 00:00:00 GMT");
      response.end("hello ada");
    });
    const answer = await ada.get("/cached");
    assert.equal(answer.headers["cache-control"], "private, no-store");
    assert.equal(answer.headers.expires, undefined);
    assert.match(answer.headers["x-cloakroom-sid"], /^[\w-]{22}$/);
  });

  it("on a public route may be cached, and carries no session", async () => {
    world.upstream.on("/public/asset", (request, response) => {
      response.setHeader("cache-control", "public, max-age=600");
      response.end("body");
    });
    const answer = await ada.get("/public/asset");
    assert.equal(answer.headers["cache-control"], "public, max-age=600");
    assert.equal(answer.headers["x-cloakroom-sid"], undefined);
    assert.equal(answer.setCookies.length, 0);
  });

  it("cannot speak in the gateway's name", async () => {
    world.upstream.on("/names", (request, response) => {
      response.writeHead(200, {
        "x-cloakroom-sid": "forged",
        "x-cloakroom-session": "forged",
        "x-request-id": "forged",
      });
      response.end();
    });
    const answer = await ada.get("/names");
    assert.equal(answer.headers["x-cloakroom-sid"], (await ada.whoAmI()).sid);
    assert.equal(answer.headers["x-cloakroom-session"], undefined);
    assert.notEqual(answer.headers["x-request-id"], "forged");
  });

  it("that redirects is passed on and not followed with the token", async () => {
    // PX-13
    world.upstream.on("/moved", (request, response) => {
      response.writeHead(302, { location: "https://evil.example/collect" });
      response.end();
    });
    const answer = await ada.get("/moved");
    assert.deepEqual([answer.status, answer.location], [302, "https://evil.example/collect"]);
  });

  it("keeps its status, its headers and its body, and loses its trailers", async () => {
    // PX-07
    world.upstream.on("/odd", (request, response) => {
      response.writeHead(418, { "x-app": "tea", trailer: "x-user-id" });
      response.write("short ");
      response.addTrailers({ "x-user-id": "1" });
      response.end("and stout");
    });
    const text = await exchange(
      world.port,
      `GET /odd HTTP/1.1\nHost: ${ada.origin.host}\nCookie: ${ada.cookieHeader}\nTE: trailers\nConnection: close, TE\n\n`,
    );
    assert.equal(statusOf(text), 418);
    assert.match(text, /x-app: tea/i);
    assert.match(text, /short /);
    assert.match(text, /and stout/);
    assert.doesNotMatch(text, /x-user-id/i);
  });

  it("to a request with trailers does not see them as headers", async () => {
    // PX-07
    const text = await exchange(
      world.port,
      `POST /trailers HTTP/1.1\nHost: ${ada.origin.host}\nCookie: ${ada.cookieHeader}\nX-Requested-With: curl\nTransfer-Encoding: chunked\nConnection: close\n\n3\nabc\n0\nX-User-Id: 1\nX-Late: yes\n\n`,
    );
    assert.equal(statusOf(text), 200);
    const arrived = world.upstream.last("/trailers");
    assert.equal(arrived.bodyBytes, 3);
    assert.deepEqual([arrived.header("x-user-id"), arrived.all("x-late")], [id, []]);
  });
});

describe("the path", () => {
  it("arrives byte for byte, with its query", async () => {
    // GD-02
    for (const target of ["/a%20b/c.d?x=%2F..%2F&y=//&z=%", "/caf%C3%A9/@x:y,z", "/a=b&c+d!$'()*?", "/t/?"]) {
      assert.equal((await ada.get(target)).status, 200, target);
      assert.equal(world.upstream.arrived.at(-1).target, target);
    }
  });

  it("that could mean two things is refused, and nobody upstream sees it", async () => {
    // GD-04
    const before = world.upstream.arrived.length;
    const refused = [
      "/public/../admin/x",
      "/public/%2e%2e/admin/x",
      "/public/%2E%2E/admin/x",
      "/public/.%2e/admin/x",
      "/public/..%2fadmin",
      "/public/..%2Fadmin",
      "/public%2fx",
      "/public/%5c..%5cadmin",
      "/public/x%00",
      "/public/%252e%252e/admin",
      "/public;/x",
      "/public/x;a=b",
      "/public/..;/admin/x",
      "/public/x%0d%0aX: y".replace(" ", "%20"),
    ];
    for (const path of refused) {
      for (const method of ["GET", "POST"]) {
        const answer = await ada.send(method, path);
        assert.deepEqual([answer.status, answer.json.error], [400, "bad_path"], `${method} ${path}`);
      }
    }
    assert.equal(world.upstream.arrived.length, before);
  });

  it("in another spelling is led to the one that is judged", async () => {
    // GD-04
    const before = world.upstream.arrived.length;
    for (const [path, canonical] of [
      ["//public/x", "/public/x"],
      ["/public//x?a=//", "/public/x?a=//"],
      ["/%61dmin/x", "/admin/x"],
      ["/caf%c3%a9", "/caf%C3%A9"],
      ["//evil.example/x", "/evil.example/x"],
    ]) {
      const answer = await ada.visit(path);
      assert.deepEqual([answer.status, answer.location], [308, canonical], path);
      assert.equal((await ada.send("POST", path)).status, 400, path);
    }
    assert.equal(world.upstream.arrived.length, before);
  });

  it("is guarded in capital letters too", async () => {
    assert.equal((await ada.get("/ADMIN/x")).status, 403);
    assert.equal((await ada.get("/Admin/x")).status, 403);
  });
});

describe("the host", () => {
  const request = (head) => exchange(world.port, `${head}\nConnection: close\n\n`);

  it("must be there once, and be one that is served", async () => {
    // PX-05, GD-06
    const { host } = ada.origin;
    assert.equal(statusOf(await request("GET /public/h HTTP/1.1\nX: y")), 400, "none");
    assert.equal(statusOf(await request(`GET /public/h HTTP/1.1\nHost: ${host}\nHost: ${host}`)), 400, "two");
    assert.equal(statusOf(await request("GET /public/h HTTP/1.1\nHost: a b")), 400, "no host");
    for (const other of [
      "evil.example",
      `127.0.0.1:${world.port}`,
      `localhost:${world.port + 1}`,
      `localhost.evil.example:${world.port}`,
    ]) {
      assert.equal(statusOf(await request(`GET /public/h HTTP/1.1\nHost: ${other}`)), 421, other);
    }
    assert.equal(world.upstream.last("/public/h"), undefined);
  });

  it("counts in any case and with a trailing dot, and the upstream sees it as configured", async () => {
    for (const host of [`LOCALHOST:${world.port}`, `localhost.:${world.port}`]) {
      assert.equal(statusOf(await request(`GET /public/host HTTP/1.1\nHost: ${host}`)), 200, host);
      assert.equal(world.upstream.last("/public/host").header("host"), ada.origin.host);
    }
  });

  it("of an absolute target wins over the header", async () => {
    const { host } = ada.origin;
    const absolute = await request(`GET http://${host}/public/absolute HTTP/1.1\nHost: evil.example`);
    assert.equal(statusOf(absolute), 200);
    const arrived = world.upstream.last("/public/absolute");
    assert.deepEqual([arrived.target, arrived.header("host")], ["/public/absolute", host]);
    const foreign = await request(`GET http://evil.example/public/absolute HTTP/1.1\nHost: ${host}`);
    assert.equal(statusOf(foreign), 421);
  });
});

it("two users at once never see each other's token", async () => {
  // PX-12
  const people = [ada, await world.registered("ben"), await world.registered("cleo")];
  const ids = await Promise.all(people.map(async (person) => (await person.whoAmI()).user.id));
  const calls = Array.from({ length: 150 }, (_, number) =>
    people[number % people.length].get(`/mixed?as=${ids[number % people.length]}`, NAVIGATION),
  );
  await Promise.all(calls);
  for (const arrived of world.upstream.to("/mixed")) {
    const as = new URLSearchParams(arrived.target.split("?")[1]).get("as");
    const assertion = claims(arrived.header("x-cloakroom-session"));
    assert.deepEqual([arrived.header("x-user-id"), claims(bearer(arrived)).sub, assertion.sub], [as, as, as]);
  }
  assert.equal(world.upstream.to("/mixed").length, 150);
});
