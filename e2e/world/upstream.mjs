// An application behind the gateway that remembers what reached it, byte for byte, and answers what
// the test says. It runs in the test's own process, so tokens that it was sent are looked at there
// and never travel back.

import http from "node:http";

import { close, listen } from "./ports.mjs";
import { until } from "./until.mjs";

/** One request as it arrived. */
class Arrived {
  constructor(message) {
    this.method = message.method;
    this.target = message.url;
    this.rawHeaders = message.rawHeaders;
    this.bodyBytes = 0;
  }

  /** Every value of a header, in order. */
  all(name) {
    const values = [];
    for (let at = 0; at < this.rawHeaders.length; at += 2) {
      if (this.rawHeaders[at].toLowerCase() === name) values.push(this.rawHeaders[at + 1]);
    }
    return values;
  }

  /** The one value of a header; fails if there are several. */
  header(name) {
    const values = this.all(name);
    if (values.length > 1) throw new Error(`${name} arrived ${values.length} times`);
    return values[0];
  }

  /** Names of all headers, in lower case. */
  get names() {
    return this.rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
  }
}

/** The application. */
export class Upstream {
  #server;
  #answers = new Map();
  arrived = [];

  static async start() {
    const upstream = new Upstream();
    upstream.#server = http.createServer((request, response) => upstream.#take(request, response));
    await listen("127.0.0.1", 0, upstream.#server);
    return upstream;
  }

  get port() {
    return this.#server.address().port;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Answers requests to `path` with `handler(request, response)`. The body is the handler's to read. */
  on(path, handler) {
    this.#answers.set(path, handler);
  }

  /** The newest request to this path. */
  last(path) {
    return this.to(path).at(-1);
  }

  /** All requests to this path. */
  to(path) {
    return this.arrived.filter((request) => request.target.split("?")[0] === path);
  }

  /** Waits for a request to this path. */
  reached(path) {
    return until(`a request for ${path} at the upstream`, () => this.last(path));
  }

  #take(request, response) {
    const arrived = new Arrived(request);
    this.arrived.push(arrived);
    request.on("data", (chunk) => (arrived.bodyBytes += chunk.length));
    const handler = this.#answers.get(request.url.split("?")[0]);
    if (handler) return handler(request, response, arrived);
    request.on("end", () => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ reached: request.url }));
    });
  }

  /** Ends it; connections that are still open are cut. */
  async stop() {
    this.#server.closeAllConnections();
    await close(this.#server);
  }
}
