// Temporary folders: all that a world writes lies in one, and goes with it.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const made = new Set();

// A run that is cut off leaves nothing behind either.
process.on("exit", () => {
  for (const folder of made) fs.rmSync(folder, { recursive: true, force: true });
});

/** A new empty folder. */
export function newFolder() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "cloakroom-e2e-"));
  made.add(folder);
  return folder;
}

/** Removes it with everything in it. */
export function removeFolder(folder) {
  made.delete(folder);
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}
