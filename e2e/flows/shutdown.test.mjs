// The end: what is under way is finished, what is new is refused, and nothing hangs.

import assert from "node:assert/strict";
import net from "node:net";
import { it } from "node:test";

import { Demo } from "../world/demo.mjs";
import { Serve } from "../world/serve.mjs";
import { Socket } from "../world/socket.mjs";
import { until, within } from "../world/until.mjs";

/** Whether anybody takes connections on a port. */
function isOpen(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true) || socket.destroy());
    socket.once("error", () => resolve(false));
  });
}

it("an answer that is under way at SIGTERM is finished, and no new request is taken", async () => {
  const world = await Serve.start();
  const ada = await world.registered("ada");
  let finish;
  world.upstream.on("/slow", (request, response) => {
    response.write("first half, ");
    finish = () => response.end("second half");
  });
  const answered = ada.get("/slow");
  await world.upstream.reached("/slow");

  world.program.signal("SIGTERM");
  await until("the port is closed", async () => !(await isOpen(world.port)));
  assert.ok(world.program.runs);
  finish();
  const answer = await answered;
  assert.deepEqual([answer.status, answer.text], [200, "first half, second half"]);
  assert.equal((await world.program.ended()).code, 0);
  await world.stop();
});

it("open WebSockets and idle connections do not keep the program", async () => {
  const demo = await Demo.start();
  const cleo = await demo.registered("cleo");
  const socket = await Socket.open(cleo, "/api/ws", { origin: demo.url });
  socket.send("x");
  await socket.next();
  const idle = net.connect(demo.port, "127.0.0.1");
  idle.on("error", () => {});
  const started = performance.now();
  await demo.program.stop();
  await within("the close", socket.closed);
  assert.ok(performance.now() - started < 10_000, "it took longer than closing takes");
  idle.destroy();
  await demo.stop();
});
