// Ports that nobody listens on. Another program can take one in the moment before ours does; whoever
// starts a program with them tries again then (exit code 3).

import net from "node:net";

/** `count` different ports, free on both loopback addresses. */
export async function freePorts(count) {
  const held = [];
  try {
    while (held.length < count) {
      const four = await listen("127.0.0.1", 0);
      const six = await listen("::1", four.address().port).catch((error) =>
        // A machine without IPv6 has nothing to be in the way there.
        error.code === "EADDRINUSE" ? undefined : four,
      );
      if (six) held.push([four, six]);
      else four.close();
    }
    return held.map(([four]) => four.address().port);
  } finally {
    await Promise.all(held.flat().map(close));
  }
}

/** A port that is free together with the one after it. */
export async function freePair() {
  for (;;) {
    const [port] = await freePorts(1);
    const next = await listen("127.0.0.1", port + 1).catch(() => undefined);
    if (!next) continue;
    await close(next);
    return port;
  }
}

/** A listener on any free port of 127.0.0.1, held by the test. */
export function listen(host = "127.0.0.1", port = 0, server = net.createServer()) {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve(server);
    });
  });
}

/** Closes a listener; one that is closed already is fine. */
export function close(server) {
  return new Promise((resolve) => server.close(() => resolve()));
}
