// What the admin listener counts.

import { Client } from "./client.mjs";

/** The sum over all series of a counter whose labels include `labels`. */
export async function counted(adminPort, name, labels = {}) {
  const client = new Client(`http://127.0.0.1:${adminPort}`);
  const { text } = await client.get("/metrics");
  client.close();
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => Object.entries(labels).every(([key, value]) => line.includes(`${key}="${value}"`)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}
