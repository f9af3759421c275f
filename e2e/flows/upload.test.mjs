// A body of any size needs no memory of its own size.

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, it } from "node:test";

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

it("a body above the limit is refused, whether its length is declared or not", async () => {
  const world = await Serve.start();
  try {
    const bob = await world.registered("bob");
    const declared = await bob.send("POST", "/api/small", {
      body: Buffer.alloc(10 * MEBIBYTE + 1),
      headers: { "content-type": "application/octet-stream" },
    });
    assert.deepEqual([declared.status, declared.json.error], [413, "body_too_large"]);
    assert.equal(world.upstream.last("/api/small"), undefined, "the upstream is not asked");

    const request = bob.open("POST", "/api/chunked", { "content-type": "application/octet-stream" });
    const answered = bob.answer(request);
    const block = Buffer.alloc(MEBIBYTE);
    for (let sent = 0; sent < 11; sent += 1) request.write(block);
    request.end();
    assert.equal((await answered).status, 413);
    assert.ok((world.upstream.last("/api/chunked")?.bodyBytes ?? 0) <= 10 * MEBIBYTE);
  } finally {
    await world.stop();
  }
});
