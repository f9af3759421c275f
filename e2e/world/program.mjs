// The real program as a process: started, watched, stopped politely or killed.

import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { assertNoSecret } from "./secrets.mjs";
import { within } from "./until.mjs";

const USUAL = fileURLToPath(new URL("../../target/debug/cloakroom", import.meta.url));

/** `CLOAKROOM_BIN`, or where cargo puts a debug build. */
export const PROGRAM = path.resolve(process.env.CLOAKROOM_BIN ?? USUAL);

/** The exit code of a start whose port somebody else has. */
export const PORT_TAKEN = 3;

const running = new Set();
// A run that is cut off ends through its exit handlers, too.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** The environment without anything that configures a cloakroom outside of the tests. */
function environment(extra) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("CLOAKROOM"));
  return { ...Object.fromEntries(inherited), NO_COLOR: "1", ...extra };
}

/** A process of the program. */
export class Program {
  #child;
  #ended;
  stdout = "";
  stderr = "";

  /** Starts `cloakroom ...args` in the folder `cwd`; `input` is what it finds on standard input. */
  constructor(args, { cwd, env = {}, input } = {}) {
    if (!fs.existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: cargo build -p cloakroom`);
    const stdin = input === undefined ? "ignore" : "pipe";
    this.#child = spawn(PROGRAM, args, { cwd, env: environment(env), stdio: [stdin, "pipe", "pipe"] });
    running.add(this.#child);
    this.#child.stdout.setEncoding("utf8").on("data", (text) => (this.stdout += text));
    this.#child.stderr.setEncoding("utf8").on("data", (text) => (this.stderr += text));
    this.#ended = once(this.#child, "close").then(([code, signal]) => {
      running.delete(this.#child);
      return { code, signal };
    });
    if (input !== undefined) this.#child.stdin.end(input);
  }

  get pid() {
    return this.#child.pid;
  }

  /** Whether it still runs. */
  get runs() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Sends a signal and does not wait. */
  signal(name) {
    this.#child.kill(name);
  }

  /** How it ended: `{ code, signal }`. */
  ended(limit = 30_000) {
    return within(`the end of process ${this.pid}; it said:\n${this.lastLines()}`, this.#ended, limit);
  }

  /** Asks it to end, waits, and fails unless it ended well and kept its secrets. */
  async stop() {
    this.signal("SIGTERM");
    const { code, signal } = await this.ended();
    if (code !== 0) throw new Error(`ended with ${signal ?? code}; it said:\n${this.lastLines()}`);
    // CF-02, AU-02
    assertNoSecret(this.stdout, "the access log");
    assertNoSecret(this.stderr, "the log");
    if (/panicked/.test(this.stderr)) throw new Error(`a part of it panicked:\n${this.lastLines()}`);
  }

  /** Ends it as a power cut would. */
  async kill() {
    this.signal("SIGKILL");
    await this.ended();
  }

  /** The end of what it said. */
  lastLines(count = 15) {
    return `${this.stdout}\n${this.stderr}`.trimEnd().split("\n").slice(-count).join("\n");
  }

  /** The lines of its log that are audit events of this name. */
  audit(event) {
    const lines = this.stderr.split("\n").filter((line) => line.startsWith("{"));
    return lines.map((line) => JSON.parse(line)).filter((line) => line.event === event);
  }

  /** A number of kibibytes from `/proc/PID/status`, such as `VmRSS` or `VmHWM`. */
  memory(field) {
    const status = fs.readFileSync(`/proc/${this.pid}/status`, "utf8");
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)[1]);
  }

  /** Sets `VmHWM`, the largest memory so far, back to what it is now (proc(5), clear_refs). */
  forgetPeak() {
    fs.writeFileSync(`/proc/${this.pid}/clear_refs`, "5");
  }
}

/** Runs a command of the program to its end: `{ code, stdout, stderr }`. */
export async function run(args, options) {
  const program = new Program(args, options);
  const { code } = await program.ended();
  return { code, stdout: program.stdout, stderr: program.stderr };
}
