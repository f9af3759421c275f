// Starting: one clear line for each thing that can be wrong, and an exit code that scripts compare.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";

import { Client } from "../world/client.mjs";
import { Demo } from "../world/demo.mjs";
import { newFolder, removeFolder } from "../world/folder.mjs";
import { close, freePorts, listen } from "../world/ports.mjs";
import { PORT_TAKEN, run } from "../world/program.mjs";
import { Serve } from "../world/serve.mjs";

const CONFIGURATION = 2;
const DATA = 4;

let folder;

beforeEach(() => {
  folder = newFolder();
});

afterEach(() => removeFolder(folder));

/** A configuration that is in order, with these lines replaced. */
async function configuration(change = (text) => text) {
  const [gateway, identity, admin] = await freePorts(3);
  const text = `[server]
listen = "127.0.0.1:${gateway}"
public_url = "http://localhost:${gateway}"

[provider]
kind = "builtin"

[[upstream]]
name = "app"
url = "http://127.0.0.1:9"

[[route]]
path = "/**"
access = "required"

[identity]
listen = "127.0.0.1:${identity}"

[admin]
listen = "127.0.0.1:${admin}"
`;
  const file = path.join(folder, "cloakroom.toml");
  fs.writeFileSync(file, change(text, { gateway, identity, admin }));
  return { file, ports: { gateway, identity, admin } };
}

const commands = (file) => [
  ["check", "-c", file],
  ["serve", "-c", file],
];

describe("a broken configuration", () => {
  // CF-01
  const mistakes = [
    ["an unknown key", "[server]", '[server]\nlitsen = "x"', /litsen/, /did you mean `listen`/, 2, 1],
    ["a value of the wrong kind", 'access = "required"', "access = 7", /route\.access|access/, /./, 14, 10],
    ["a word that is no choice", 'access = "required"', 'access = "maybe"', /maybe/, /required/, 14, 10],
    [
      "a public address over plain http",
      /public_url = .*/,
      'public_url = "http://example.com"',
      /http:\/\/example\.com/,
      /https/,
      3,
      14,
    ],
    [
      "a duration without a unit",
      "[identity]",
      '[session]\nidle_timeout = "7"\n\n[identity]',
      /idle_timeout|"7"/,
      /7d|15m/,
      17,
      16,
    ],
    ["no TOML at all", "[provider]", "[provider", /./, /./, 5, 1],
  ];

  for (const [name, from, to, what, cure, line, column] of mistakes) {
    it(`with ${name} stops the start with file, line, column and what to do`, async () => {
      const { file } = await configuration((text) => text.replace(from, to));
      for (const args of commands(file)) {
        const { code, stderr } = await run(args, { cwd: folder });
        assert.equal(code, CONFIGURATION, stderr);
        const place = new RegExp(`${path.basename(file)}:${line}:(\\d+)`).exec(stderr);
        assert.ok(place, `line ${line} is not named in:\n${stderr}`);
        assert.ok(Math.abs(Number(place[1]) - column) <= 1, `column ${column} is not named in:\n${stderr}`);
        assert.match(stderr, what);
        assert.match(stderr, cure);
      }
    });
  }

  it("shows all of its mistakes at once", async () => {
    const { file } = await configuration((text) =>
      text.replace("[server]", "[server]\nfoo = 1").replace('kind = "builtin"', 'kind = "magic"'),
    );
    const { code, stderr } = await run(["check", "-c", file], { cwd: folder });
    assert.equal(code, CONFIGURATION);
    assert.match(stderr, /foo/);
    assert.match(stderr, /magic/);
  });

  it("without any route is refused: there would be no access", async () => {
    const { file } = await configuration((text) => text.replace(/\[\[route\]\]\npath.*\naccess.*\n/, ""));
    const { code, stderr } = await run(["check", "-c", file], { cwd: folder });
    assert.equal(code, CONFIGURATION);
    assert.match(stderr, /no \[\[route\]\]/);
  });

  it("in a variable names the variable", async () => {
    const { file } = await configuration();
    const env = { CLOAKROOM__SERVER__LISTEN: "nowhere" };
    const { code, stderr } = await run(["check", "-c", file], { cwd: folder, env });
    assert.equal(code, CONFIGURATION);
    assert.match(stderr, /CLOAKROOM__SERVER__LISTEN/);
  });

  it("that is not there is said to be missing", async () => {
    const { code, stderr } = await run(["serve", "-c", "nothing.toml"], { cwd: folder });
    assert.equal(code, CONFIGURATION);
    assert.match(stderr, /nothing\.toml/);
  });
});

it("a configuration that is in order is shown with its routes, and nothing is started", async () => {
  const { file, ports } = await configuration();
  const { code, stdout } = await run(["check", "-c", file], { cwd: folder });
  assert.equal(code, 0);
  assert.match(stdout, /^\/\*\*\s+required\s+→ app/m);
  assert.match(stdout, /^\/auth\/\*\*\s+optional\s+→ cloakroom/m);
  assert.deepEqual(fs.readdirSync(folder), ["cloakroom.toml"]);
  await close(await listen("127.0.0.1", ports.gateway));
});

it("a port in use is one line with exit code 3", async () => {
  for (const which of ["gateway", "identity", "admin"]) {
    const { file, ports } = await configuration();
    const holder = await listen("127.0.0.1", ports[which]);
    const { code, stderr } = await run(["serve", "-c", file], { cwd: folder });
    await close(holder);
    assert.equal(code, PORT_TAKEN, which);
    assert.match(stderr, new RegExp(`^error: port ${ports[which]} is in use.*$`, "m"));
  }
});

it("a data folder that cannot be written is one line with exit code 4", async () => {
  fs.writeFileSync(path.join(folder, "file"), "");
  const { file } = await configuration((text) => `data_dir = "file/data"\n${text}`);
  const { code, stderr } = await run(["serve", "-c", file], { cwd: folder });
  assert.equal(code, DATA, stderr);
  assert.match(stderr, /^error: .*file\/data.*$/m);
  const demo = await run(["demo", "--port", "0", "--data", path.join(folder, "file", "data")], {
    cwd: folder,
  });
  assert.equal(demo.code, DATA, demo.stderr);
});

it("keys that others can read stop the start", async () => {
  // CF-06
  const world = await Serve.start();
  const keys = path.join(world.data, "keys.json");
  assert.equal(fs.statSync(keys).mode & 0o777, 0o600);
  assert.equal(fs.statSync(world.data).mode & 0o777, 0o700);
  await world.program.stop();
  fs.chmodSync(keys, 0o644);
  const { code, stderr } = await world.command(["serve"]);
  assert.equal(code, DATA, stderr);
  assert.match(stderr, /keys\.json/);
  await world.stop();
});

describe("a demo's data", () => {
  let demo;

  before(async () => {
    demo = await Demo.start();
  });

  after(() => demo?.stop());

  it("is kept out of a repository, and its keys are for their owner alone", () => {
    assert.equal(fs.readFileSync(path.join(demo.data, ".gitignore"), "utf8").trim(), "*");
    assert.equal(fs.statSync(path.join(demo.data, "keys.json")).mode & 0o077, 0);
  });

  it("holds no token, no password and no cookie that could be read", async () => {
    // CK-10, RF-09: a stolen database opens nothing
    const vera = await demo.registered("vera");
    const [, id, secret] = vera.session.split(".");
    await demo.program.stop();
    const stolen = ["sessions.db", "identity.db", "access.log"].map((name) =>
      fs.readFileSync(path.join(demo.data, name), "latin1"),
    );
    for (const text of stolen) {
      for (const hidden of [
        id,
        secret,
        Buffer.from(secret, "base64url").toString("latin1"),
        "eyJ",
        "cr1.",
        "seven quiet lamps",
      ]) {
        assert.ok(!text.includes(hidden), `${hidden} is readable`);
      }
    }
    await demo.restart();
  });

  it("is refused by serve", async () => {
    await demo.program.stop();
    const { file } = await configuration((text) => `data_dir = ${JSON.stringify(demo.data)}\n${text}`);
    const { code, stderr } = await run(["serve", "-c", file], { cwd: folder });
    assert.equal(code, DATA, stderr);
    assert.match(stderr, /demo/);
    await demo.restart();
  });

  it("is used by one demo at a time", async () => {
    const second = await run(["demo", "--port", "0", "--data", demo.data], { cwd: folder });
    assert.equal(second.code, DATA, second.stderr);
    assert.match(second.stderr, /in use/);
  });

  it("is served under its own name alone", async () => {
    const client = new Client(demo.url);
    assert.equal((await client.get("/", { host: `127.0.0.1:${demo.port}` })).status, 421);
    assert.equal((await client.get("/", { host: "evil.example" })).status, 421);
    client.close();
  });
});

it("the admin listener tells health and counts, and nothing about the version or the people", async () => {
  // CF-05, AU-08
  const world = await Serve.start();
  const ada = await world.registered("ada");
  await ada.get("/page");
  await world.loggedIn("ada");
  const admin = new Client(`http://127.0.0.1:${world.adminPort}`);
  assert.deepEqual([(await admin.get("/livez")).status, (await admin.get("/readyz")).status], [200, 200]);
  const { text } = await admin.get("/metrics");
  for (const name of [
    "cloakroom_requests_total",
    "cloakroom_sessions",
    "cloakroom_login_total",
    "cloakroom_request_seconds",
  ]) {
    assert.ok(new RegExp(`^${name}[_{ ]`, "m").test(text), `${name} is missing`);
  }
  const { sid, user } = await ada.whoAmI();
  for (const hidden of [sid, user.id, "ada", "/page", "127.0.0.1"]) {
    assert.ok(!text.includes(hidden), `${hidden} is in the metrics`);
  }
  assert.equal((await admin.get("/")).status, 404);
  assert.equal(
    (await world.client().get("/metrics")).status,
    401,
    "the public listener has no metrics of ours",
  );
  admin.close();
  await world.stop();
});

it("without a file and without flags it says which flags would do", async () => {
  const [port] = await freePorts(1);
  const bare = await run(["serve", "--listen", `127.0.0.1:${port}`], { cwd: folder });
  assert.equal(bare.code, CONFIGURATION);
  assert.match(bare.stderr, /--app/);
});
