// A WebSocket client that tells what happened: which status refused it, what it received, how it was
// closed.

import { WebSocket } from "ws";

import { within } from "./until.mjs";

/** A handshake that was answered with something else than 101. */
export class Refused extends Error {
  constructor(status) {
    super(`the handshake was answered with ${status}`);
    this.status = status;
  }
}

/** An open WebSocket. */
export class Socket {
  #socket;
  #received = [];
  #waiting = [];
  /** `{ code, reason }`, once it is closed. */
  closed;

  /** Opens one with the cookies of `client`; rejects with `Refused` where a handshake is refused. */
  static async open(client, path, headers = {}) {
    const url = new URL(path, client.origin);
    url.protocol = "ws:";
    url.hostname = "127.0.0.1";
    const cookie = client.cookieHeader;
    const all = { host: client.origin.host, ...(cookie && { cookie }), ...headers };
    const socket = new Socket();
    socket.#socket = new WebSocket(url, { headers: all });
    const opened = new Promise((resolve, reject) => {
      socket.#socket.once("open", () => resolve(socket));
      socket.#socket.once("error", reject);
      socket.#socket.once("unexpected-response", (request, response) => {
        reject(new Refused(response.statusCode));
        request.destroy();
      });
    });
    socket.#listen();
    return within(`a WebSocket at ${path}`, opened);
  }

  #listen() {
    this.closed = new Promise((resolve) => {
      this.#socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    this.#socket.on("message", (data, isBinary) => {
      const message = isBinary ? data : data.toString();
      const waiting = this.#waiting.shift();
      if (waiting) waiting(message);
      else this.#received.push(message);
    });
    this.#socket.on("error", () => {});
  }

  send(message) {
    this.#socket.send(message);
  }

  /** The next message, in order. */
  next() {
    if (this.#received.length > 0) return this.#received.shift();
    return within("a message", new Promise((resolve) => this.#waiting.push(resolve)));
  }

  close() {
    this.#socket.close();
    return within("the close", this.closed);
  }
}
