// `cloakroom demo` as a user starts it: two users, the goals app behind the gateway, data in a folder.

import path from "node:path";

import { Client } from "./client.mjs";
import { newFolder, removeFolder } from "./folder.mjs";
import { freePair } from "./ports.mjs";
import { PORT_TAKEN, Program, run } from "./program.mjs";
import { until } from "./until.mjs";

/** The password of both users, as `CLOAKROOM_DEMO_PASSWORD` sets it. */
export const PASSWORD = "seven quiet lamps in a harbour";

export const ADA = { username: "ada", email: "ada@example.com", name: "Ada Lovelace" };
export const BOB = { username: "bob", email: "bob@example.com", name: "Bob Martin" };

/** A running demo. */
export class Demo {
  #folder = newFolder();
  #clients = [];
  program;
  port;

  static async start() {
    const demo = new Demo();
    try {
      // Another program may take the port before the demo does: then it says so, and gets another one.
      do demo.port = await freePair();
      while (!(await demo.#launch()));
      return demo;
    } catch (error) {
      await demo.discard();
      throw error;
    }
  }

  get url() {
    return `http://localhost:${this.port}`;
  }

  get identityUrl() {
    return `http://127.0.0.1:${this.port + 1}`;
  }

  get data() {
    return path.join(this.#folder, "data");
  }

  /** Starts it again, on the same port and data. */
  async restart() {
    if (!(await this.#launch())) throw new Error(`port ${this.port} was taken in between`);
  }

  /** Whether it is ready; false if a port was taken. */
  async #launch() {
    const args = ["demo", "--port", String(this.port), "--data", this.data];
    const env = { CLOAKROOM_DEMO_PASSWORD: PASSWORD };
    this.program = new Program(args, { cwd: this.#folder, env });
    const ready = () => !this.program.runs || this.program.stdout.includes("Ctrl-C ends it");
    await until("the demo's screen", ready, { limit: 60_000 });
    if (this.program.runs) return true;
    const { code } = await this.program.ended();
    if (code === PORT_TAKEN) return false;
    throw new Error(`the demo ended with ${code}; it said:\n${this.program.lastLines()}`);
  }

  /** Runs a command on the demo's data, such as `["user", "list"]`. */
  command(args, input) {
    return run([...args, "--data", this.data], { cwd: this.#folder, input });
  }

  /** A new client of the gateway. */
  client(options) {
    const client = new Client(this.url, options);
    this.#clients.push(client);
    return client;
  }

  /** A client that is logged in. */
  async loggedIn(user, options) {
    const client = this.client(options);
    await client.logIn(user.email, user.password ?? PASSWORD);
    return client;
  }

  /** A client of somebody who has just registered. */
  async registered(username) {
    const client = this.client();
    await client.register(person(username));
    return client;
  }

  /** Ends it, and fails unless it ends well. */
  async stop() {
    for (const client of this.#clients) client.close();
    try {
      if (this.program.runs) await this.program.stop();
    } finally {
      removeFolder(this.#folder);
    }
  }

  /** Ends it somehow. */
  async discard() {
    if (this.program?.runs) await this.program.kill();
    removeFolder(this.#folder);
  }
}

/** What somebody of this user name types into the registration. */
export function person(username) {
  const name = `${username[0].toUpperCase()}${username.slice(1)} Example`;
  return { name, username, email: `${username}@example.com`, password: PASSWORD };
}
