// What does not end with one answer: WebSockets, event streams, bodies that come in pieces.

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";

import { Browser } from "../world/browser.mjs";
import { SCRIPT } from "../world/client.mjs";
import { Demo, PASSWORD } from "../world/demo.mjs";
import { Serve } from "../world/serve.mjs";
import { Refused, Socket } from "../world/socket.mjs";
import { within } from "../world/until.mjs";

describe("a WebSocket", () => {
  let demo;

  before(async () => {
    demo = await Demo.start();
  });

  after(() => demo?.stop());

  const open = (client, headers = { origin: demo.url }) => Socket.open(client, "/api/ws", headers);
  const refusedWith = (status) => (error) => error instanceof Refused && error.status === status;

  it("echoes through the gateway, text as text and bytes as bytes", async () => {
    const socket = await open(await demo.registered("anna"));
    socket.send("good morning");
    assert.equal(await socket.next(), "good morning");
    const bytes = Buffer.alloc(100_000, 7);
    socket.send(bytes);
    assert.deepEqual(await socket.next(), bytes);
    await socket.close();
  });

  it("is refused without an equal Origin, whoever asks", async () => {
    const ben = await demo.registered("ben");
    const foreign = [
      "https://evil.example",
      "null",
      `http://127.0.0.1:${demo.port}`,
      demo.url.replace("http", "https"),
    ];
    await assert.rejects(open(ben, {}), refusedWith(403));
    for (const origin of foreign) await assert.rejects(open(ben, { origin }), refusedWith(403), origin);
  });

  it("is refused without a session", async () => {
    await assert.rejects(open(demo.client()), refusedWith(401));
  });

  it("is closed with 4401 when its session logs out", async () => {
    // LO-11
    const carl = await demo.registered("carl");
    const socket = await open(carl);
    socket.send("still here");
    assert.equal(await socket.next(), "still here");
    await carl.post("/auth/logout", {});
    const { code } = await within("the close", socket.closed);
    assert.equal(code, 4401);
  });

  it("is closed with 4401 when another device ends its session, and the other's stays", async () => {
    const desk = await demo.registered("dora");
    const phone = demo.client();
    await phone.logIn("dora", PASSWORD);
    const [own, others] = [await open(desk), await open(phone)];
    await desk.send("DELETE", "/auth/sessions");
    assert.equal((await within("the close", others.closed)).code, 4401);
    own.send("mine");
    assert.equal(await own.next(), "mine");
    await own.close();
  });

  it("works from a page in a real browser", async () => {
    const browser = await Browser.start();
    const visitor = await browser.person(demo.url);
    const emma = await demo.registered("emma");
    await visitor.context.addCookies([
      { name: "cloakroom", value: emma.session, url: demo.url, httpOnly: true },
    ]);
    await visitor.page.goto("/dashboard");
    const echoed = await visitor.page.evaluate(
      () =>
        new Promise((resolve, reject) => {
          const socket = new WebSocket(`ws://${location.host}/api/ws`);
          socket.onopen = () => socket.send("from a page");
          socket.onmessage = ({ data }) => resolve(data);
          socket.onerror = () => reject(new Error("refused"));
        }),
    );
    assert.equal(echoed, "from a page");
    await visitor.assertHoldsNoToken();
    await browser.stop();
  });
});

/** Opens an event stream and hands out its events one by one. */
async function listen(client, path, headers = {}) {
  const request = client.open("GET", path, { accept: "text/event-stream", ...headers });
  request.end();
  const [answer] = await within("the stream", once(request, "response"));
  answer.setEncoding("utf8");
  let text = "";
  let wake = () => {};
  let ended = false;
  answer.on("data", (chunk) => {
    text += chunk;
    wake();
  });
  // A stream may end by a cut: that is an end, too.
  answer.on("error", () => {});
  answer.on("close", () => {
    ended = true;
    wake();
  });
  const next = async () => {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end >= 0) {
        const event = text.slice(0, end);
        text = text.slice(end + 2);
        if (event.startsWith(":")) continue;
        return event;
      }
      if (ended) return undefined;
      await within(`an event of ${path}`, new Promise((resolve) => (wake = resolve)));
    }
  };
  return { status: answer.statusCode, headers: answer.headers, next, leave: () => request.destroy() };
}

describe("a stream", () => {
  let world;

  before(async () => {
    world = await Serve.start();
  });

  after(() => world?.stop());

  it("brings the first event before the second one exists", async () => {
    const ada = await world.registered("ada");
    let produce;
    world.upstream.on("/api/ticks", (request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      produce = (event) => response.write(`data: ${event}\n\n`);
      produce(1);
    });
    const stream = await listen(ada, "/api/ticks", SCRIPT);
    assert.equal(await stream.next(), "data: 1");
    // Only now does the application make another one.
    produce(2);
    assert.equal(await stream.next(), "data: 2");
    stream.leave();
  });

  it("ends with its session", async () => {
    // LO-11
    const bea = await world.registered("bea");
    world.upstream.on("/api/endless", (request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: 1\n\n");
    });
    const stream = await listen(bea, "/api/endless", SCRIPT);
    assert.equal(await stream.next(), "data: 1");
    await bea.post("/auth/logout", {});
    assert.equal(await stream.next(), undefined);
  });

  it("is not opened from another site", async () => {
    const cleo = await world.registered("cleo");
    for (const headers of [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "none" },
      { origin: "https://evil.example" },
    ]) {
      const stream = await listen(cleo, "/api/foreign", headers);
      assert.equal(stream.status, 403, JSON.stringify(headers));
      stream.leave();
    }
    assert.equal(world.upstream.last("/api/foreign"), undefined);
  });

  it("of ours tells a page that its session has ended, and nothing to strangers", async () => {
    const dana = await world.registered("dana");
    const events = await listen(dana, "/auth/events", SCRIPT);
    assert.equal(events.status, 200);
    assert.match(events.headers["content-type"], /^text\/event-stream/);
    const other = await world.loggedIn("dana");
    await other.send("DELETE", "/auth/sessions");
    const event = await events.next();
    assert.match(event, /^event: ended/m);
    assert.match(event, /revoked_by_user/);
    const stranger = await world.client().get("/auth/events", { accept: "text/event-stream" });
    assert.equal(stranger.status, 204);
  });

  it("of a request reaches the upstream while the client still sends", async () => {
    const eric = await world.registered("eric");
    let sawFirst;
    const first = new Promise((resolve) => (sawFirst = resolve));
    world.upstream.on("/big/pieces", (request, response, arrived) => {
      request.once("data", sawFirst);
      request.on("end", () => response.end(String(arrived.bodyBytes)));
    });
    const request = eric.open("POST", "/big/pieces", { "content-type": "application/octet-stream" });
    const answered = eric.answer(request);
    request.write("first");
    await within("the first piece at the upstream", first);
    request.end("second");
    assert.equal((await answered).text, String("firstsecond".length));
  });

  it("is cut at the upstream when the client goes", async () => {
    const finn = await world.registered("finn");
    const gone = new Promise((resolve) => {
      world.upstream.on("/api/left", (request, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write("data: 1\n\n");
        response.once("close", resolve);
      });
    });
    const stream = await listen(finn, "/api/left", SCRIPT);
    await stream.next();
    stream.leave();
    await within("the end at the upstream", gone);
  });
});
