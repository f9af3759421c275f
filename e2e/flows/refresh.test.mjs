// The silent refresh: once per expiry, before any upstream sees an old token, and over every crash.

import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, describe, it } from "node:test";

import { newFolder, removeFolder } from "../world/folder.mjs";
import { Serve } from "../world/serve.mjs";
import { bearer, claimsOf } from "../world/token.mjs";
import { until } from "../world/until.mjs";

const LIFE = 3;
const SHORT_LIVED = { identity: { access_ttl: `${LIFE}s` } };

/** Waits until a token that reached the upstream has ended. */
function untilEnded(arrived) {
  const { exp } = claimsOf(arrived);
  return until("the end of the access token", () => Date.now() > exp * 1000, { limit: (LIFE + 2) * 1000 });
}

describe("while it runs", () => {
  let world;

  before(async () => {
    world = await Serve.start(SHORT_LIVED);
  });

  after(() => world?.stop());

  it("fifty parallel requests on an expired token are one refresh and fifty answers", async () => {
    // RF-01
    const ada = await world.registered("ada");
    await ada.get("/api/before");
    const first = world.upstream.last("/api/before");
    await untilEnded(first);
    const refreshesBefore = await world.refreshes();

    const answers = await Promise.all(Array.from({ length: 50 }, () => ada.get("/api/together")));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    const tokens = new Set(world.upstream.to("/api/together").map(bearer));
    assert.equal(world.upstream.to("/api/together").length, 50);
    assert.equal(tokens.size, 1, "all of them carry the same new token");
    assert.ok(!tokens.has(bearer(first)));
    assert.equal((await world.refreshes()) - refreshesBefore, 1);
    for (const answer of answers) assert.equal(answer.setCookies.length, 0, "the cookie stays what it is");
  });

  it("no token that has ended ever reaches the upstream, and no request fails", async () => {
    // RF-11
    const ben = await world.registered("ben");
    const seen = new Map();
    const thirdToken = async () => {
      const answer = await ben.get("/api/steady");
      assert.equal(answer.status, 200, answer.text);
      const arrived = world.upstream.last("/api/steady");
      const { jti, exp } = claimsOf(arrived);
      assert.ok(exp * 1000 > Date.now(), `a token arrived ${Date.now() - exp * 1000} ms after its end`);
      seen.set(jti, exp);
      return seen.size >= 3;
    };
    await until("a third token", thirdToken, { limit: 4 * LIFE * 1000 });
    const subjects = new Set(world.upstream.to("/api/steady").map((arrived) => claimsOf(arrived).sub));
    assert.equal(subjects.size, 1);
  });

  it("a script can renew now, and several at once are one refresh", async () => {
    const cleo = await world.registered("cleo");
    await cleo.get("/api/script");
    const { iat } = claimsOf(world.upstream.last("/api/script"));
    // A renewal of the last five seconds is the answer to the next one.
    await until("five seconds after the login", () => Date.now() > (iat + 6) * 1000);
    const refreshesBefore = await world.refreshes();
    const answers = await Promise.all(Array.from({ length: 10 }, () => cleo.send("POST", "/auth/refresh")));
    for (const answer of answers) {
      assert.equal(answer.status, 200);
      assert.ok(answer.json.expires_in >= LIFE - 1);
    }
    assert.equal((await world.refreshes()) - refreshesBefore, 1);
  });

  it("asking who is logged in renews nothing", async () => {
    const dana = await world.registered("dana");
    await dana.get("/api/who");
    await untilEnded(world.upstream.last("/api/who"));
    const refreshesBefore = await world.refreshes();
    assert.equal((await dana.whoAmI()).authenticated, true);
    assert.equal(await world.refreshes(), refreshesBefore);
  });
});

it("a lost refresh answer, then every key rotated, then the user comes back: still logged in", async () => {
  // The gateway's database is put back to before a refresh that the identity service has made: what a
  // power cut leaves behind that comes after the service's commit and before the gateway's.
  const world = await Serve.start(SHORT_LIVED);
  const safe = newFolder();
  try {
    const eve = await world.registered("eve");
    await eve.get("/api/one");
    await world.program.stop();
    copySessions(world.data, safe);

    await world.restart();
    await untilEnded(world.upstream.last("/api/one"));
    assert.equal((await eve.get("/api/two")).status, 200);
    const lost = claimsOf(world.upstream.last("/api/two"));
    await world.program.kill();
    copySessions(safe, world.data);

    const keysBefore = await world.command(["keys", "list"]);
    const rotated = await world.command(["keys", "rotate"]);
    assert.equal(rotated.code, 0, rotated.stderr);
    assert.ok(rotated.stdout.split("\n").length > keysBefore.stdout.split("\n").length);

    await world.restart();
    const back = await eve.get("/api/three");
    assert.equal(back.status, 200, back.text);
    const found = claimsOf(world.upstream.last("/api/three"));
    assert.equal(found.sub, lost.sub);
    assert.equal(found.sid, lost.sid, "the login is the same one");
    // And the life goes on: the next refresh, too.
    await untilEnded(world.upstream.last("/api/three"));
    assert.equal((await eve.get("/api/four")).status, 200);
    assert.equal((await eve.whoAmI()).authenticated, true);
  } finally {
    await world.stop();
    removeFolder(safe);
  }
});

it("a gateway that lost more than its last refresh ends the session and says so", async () => {
  // Two refreshes are gone: the token that is left is spent, and so is its successor.
  const world = await Serve.start(SHORT_LIVED);
  const safe = newFolder();
  try {
    const finn = await world.registered("finn");
    await finn.get("/api/one");
    await world.program.stop();
    copySessions(world.data, safe);
    await world.restart();
    for (const path of ["/api/one", "/api/two"]) {
      await untilEnded(world.upstream.last(path));
      assert.equal((await finn.get("/api/two")).status, 200);
    }
    await world.program.kill();
    copySessions(safe, world.data);
    await world.restart();
    const back = await finn.get("/api/three");
    assert.deepEqual([back.status, back.json.reason], [401, "rolled_back"]);
    assert.equal(world.upstream.last("/api/three"), undefined);
    assert.equal(back.setCookie("cloakroom").attributes.get("max-age"), "0");
  } finally {
    await world.stop();
    removeFolder(safe);
  }
});

/** Copies the session database with its log. */
function copySessions(from, to) {
  for (const name of ["sessions.db", "sessions.db-wal", "sessions.db-shm"]) {
    const target = `${to}/${name}`;
    fs.rmSync(target, { force: true });
    if (fs.existsSync(`${from}/${name}`)) fs.copyFileSync(`${from}/${name}`, target);
  }
}
