// A body of any size needs no memory of its own size.

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";

import { Demo } from "../world/demo.mjs";
import { Serve } from "../world/serve.mjs";

const MEBIBYTE = 1024 * 1024;

/** Sends so many mebibytes of one block, as fast as they are taken. */
async function upload(client, path, mebibytes) {
  const block = Buffer.alloc(MEBIBYTE, "cloakroom ");
  const request = client.open("POST", path, {
    "content-type": "application/octet-stream",
    "content-length": String(mebibytes * MEBIBYTE),
  });
  const answered = client.answer(request);
  for (let sent = 0; sent < mebibytes; sent += 1) {
    if (!request.write(block)) await Promise.race([once(request, "drain"), answered]);
  }
  request.end();
  return answered;
}

let demo;

before(async () => {
  demo = await Demo.start();
});

after(() => demo?.stop());

it("a gibibyte passes through while memory stays flat", async () => {
  const ada = await demo.registered("grace");
  // The first megabytes warm buffers up; they are not what is measured.
  assert.equal((await upload(ada, "/api/echo", 8)).json.body_bytes, 8 * MEBIBYTE);
  demo.program.forgetPeak();
  const before = demo.program.memory("VmRSS");
  const answer = await upload(ada, "/api/echo", 1024);
  const grown = demo.program.memory("VmHWM") - before;
  assert.equal(answer.status, 200);
  assert.equal(answer.json.body_bytes, 1024 * MEBIBYTE);
  assert.ok(grown < 32 * 1024, `the process grew by ${grown} KiB at its peak`);
});

describe("a body above the limit", () => {
  let world;
  let bob;

  before(async () => {
    world = await Serve.start();
    bob = await world.registered("bob");
  });

  after(() => world?.stop());

  const octets = { "content-type": "application/octet-stream" };

  it("is refused before it is sent where its length is declared, and the upstream is not asked", async () => {
    const request = bob.open("POST", "/api/declared", { ...octets, "content-length": 10 * MEBIBYTE + 1 });
    request.flushHeaders();
    const answer = await bob.answer(request);
    assert.deepEqual([answer.status, answer.json.error], [413, "body_too_large"]);
    assert.equal(world.upstream.last("/api/declared"), undefined);
  });

  it("is cut off where it grows too long, and the upstream never gets it whole", async () => {
    let isWhole = false;
    world.upstream.on("/api/growing", (request, response) => {
      request.on("end", () => {
        isWhole = true;
        response.end();
      });
    });
    const request = bob.open("POST", "/api/growing", octets);
    const answered = bob.answer(request).then(
      ({ status }) => status,
      // Whoever still sends while the other side closes may lose the answer to that (RFC 9112 §9.6).
      ({ code }) => code,
    );
    for (let sent = 0; sent < 11; sent += 1) request.write(Buffer.alloc(MEBIBYTE));
    request.end();
    assert.ok([413, "EPIPE", "ECONNRESET"].includes(await answered), String(await answered));
    assert.ok(!isWhole);
    assert.ok((world.upstream.last("/api/growing")?.bodyBytes ?? 0) <= 10 * MEBIBYTE);
  });
});
