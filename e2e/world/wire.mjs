// Bytes as they are: for requests that no HTTP library would send.

import net from "node:net";

import { within } from "./until.mjs";

/** Sends `text` to a port, line ends as `\n`, and returns all that comes back until the other side closes. */
export function exchange(port, text) {
  const whole = new Promise((resolve, reject) => {
    const socket = net.connect(port, "127.0.0.1");
    let received = "";
    socket.setEncoding("latin1");
    socket.on("data", (chunk) => (received += chunk));
    // A server that refuses what it has not read to the end may cut the connection.
    socket.on("error", (error) => (received ? resolve(received) : reject(error)));
    socket.on("close", () => resolve(received));
    socket.write(text.replaceAll("\n", "\r\n"), "latin1");
  });
  return within("the end of a connection", whole, 30_000);
}

/** The status of the first answer in `text`. */
export function statusOf(text) {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1]);
}
