// What an operator does on the command line while the server runs, and when users notice.

import assert from "node:assert/strict";
import { after, before, it } from "node:test";

import { PASSWORD } from "../world/demo.mjs";
import { Serve } from "../world/serve.mjs";
import { claimsOf } from "../world/token.mjs";
import { until } from "../world/until.mjs";

/** The contract's second, and one more for a busy machine. */
const SOON = { limit: 2_000 };

let world;

before(async () => {
  world = await Serve.start({ identity: { access_ttl: "3s" } });
});

after(() => world?.stop());

/** Runs a command that must succeed. */
async function operator(...args) {
  const done = await world.command(args);
  assert.equal(done.code, 0, done.stderr);
  return done.stdout;
}

/** Waits until a client is refused, and returns the reason. */
async function reasonOfEnd(client) {
  const refused = await until(
    "the end of the session",
    async () => {
      const answer = await client.get("/api/x");
      return answer.status === 401 && answer;
    },
    SOON,
  );
  return refused.json.reason;
}

it("a role that is given or taken away holds from the next refresh on", async () => {
  // GD-10
  const ada = await world.registered("ada");
  assert.equal((await ada.get("/admin/x")).status, 403);
  const answers = (status) =>
    until(`${status} for /admin`, async () => (await ada.get("/admin/x")).status === status);
  await operator("user", "grant", "ada", "admin");
  await answers(200);
  assert.deepEqual(claimsOf(world.upstream.last("/admin/x")).roles, ["admin"]);
  await operator("user", "revoke", "ada", "admin");
  await answers(403);
  assert.equal((await ada.whoAmI()).authenticated, true);
});

it("closing an account ends its sessions within a second and refuses logins until it is opened", async () => {
  // LO-08
  const bert = await world.registered("bert");
  await operator("user", "disable", "bert");
  assert.equal(await reasonOfEnd(bert), "disabled");
  const login = () => world.client().post("/auth/login", { identifier: "bert", password: PASSWORD });
  assert.equal((await login()).status, 401);
  await operator("user", "enable", "bert");
  assert.equal((await login()).status, 200);
  assert.equal((await bert.get("/api/x")).status, 401, "what has ended does not come back");
});

it("deleting an account ends its sessions", async () => {
  const carl = await world.registered("carl");
  await operator("user", "delete", "carl@example.com");
  await reasonOfEnd(carl);
  assert.equal(
    (await world.client().post("/auth/login", { identifier: "carl", password: PASSWORD })).status,
    401,
  );
});

it("setting a password ends the sessions, and the new one is the one that counts", async () => {
  const dora = await world.registered("dora");
  const set = await world.command(
    ["user", "password", "dora", "--password-stdin"],
    "a new lamp for the old harbour\n",
  );
  assert.equal(set.code, 0, set.stderr);
  assert.equal(await reasonOfEnd(dora), "password_changed");
  await world.client().logIn("dora", "a new lamp for the old harbour");
});

it("sessions are listed and ended by their handle, by their user, and all at once", async () => {
  // LO-09
  const [emil, fred, gina] = [
    await world.registered("emil"),
    await world.registered("fred"),
    await world.registered("gina"),
  ];
  const { sid } = await emil.whoAmI();
  assert.ok((await operator("session", "list")).includes(sid));
  assert.ok(!(await operator("session", "list", "--user", "fred")).includes(sid));
  await operator("session", "revoke", sid);
  assert.equal(await reasonOfEnd(emil), "revoked_by_admin");
  assert.notEqual((await world.command(["session", "revoke", sid])).code, 0, "it is gone already");
  assert.equal((await fred.get("/api/x")).status, 200);
  await operator("session", "revoke", "--user", "fred");
  assert.equal(await reasonOfEnd(fred), "revoked_by_admin");
  assert.equal((await gina.get("/api/x")).status, 200);
  await operator("session", "revoke", "--all");
  assert.equal(await reasonOfEnd(gina), "revoked_by_admin");
});

it("an added user logs in with the password that was printed once", async () => {
  // ID-14: there is no account that nobody made
  const added = await operator(
    "user",
    "add",
    "hugo",
    "--email",
    "hugo@example.com",
    "--name",
    "Hugo",
    "--role",
    "admin",
  );
  const [, password] = /^password: (.+) \(shown this once\)$/m.exec(added);
  const hugo = world.client();
  await hugo.logIn("hugo@example.com", password);
  assert.deepEqual((await hugo.whoAmI()).user.roles, ["admin"]);
  assert.match(await operator("user", "list"), /^hugo\s+hugo@example\.com\s+admin/m);
});

it("keys are rotated under a running server, and nobody is logged out", async () => {
  const ines = await world.registered("ines");
  const kid = async () => {
    await ines.get("/api/kid");
    return ines.whoAmI();
  };
  const before = await kid();
  const listed = await operator("keys", "rotate");
  assert.match(listed, /takes over in/, "a key of verifiers is published before it signs");
  const refreshesBefore = await world.refreshes();
  await until("a refresh with the new keys", async () => {
    assert.equal((await ines.get("/api/x")).status, 200);
    return (await world.refreshes()) > refreshesBefore;
  });
  assert.equal((await kid()).sid, before.sid);
  await world.client().logIn("ines", PASSWORD);
});

it("the audit log says who did what from where, once", async () => {
  // AU-01
  const jack = await world.registered("jack");
  const { sid } = await jack.whoAmI();
  await jack.post("/auth/login", { identifier: "jack", password: "not this one, I think" });
  await jack.post("/auth/logout", {});
  const audit = (event) => world.program.audit(event);
  const logout = await until("the audit event of the logout", () =>
    audit("logout").find(({ session }) => session === sid),
  );
  assert.equal(logout.client_ip, "127.0.0.1");
  assert.ok(logout.timestamp && logout.request_id && logout.subject);
  assert.equal(audit("register").filter(({ session }) => session === sid).length, 1);
  const failed = audit("login_failed").at(-1);
  assert.equal(failed.outcome, "invalid_credentials");
  assert.ok(!JSON.stringify(failed).includes("jack"), "AU-02: a name may be a password in the wrong field");
});
