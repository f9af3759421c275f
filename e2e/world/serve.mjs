// `cloakroom serve -c cloakroom.toml`: any configuration, in front of an upstream of the test's own.

import fs from "node:fs";
import path from "node:path";

import { Client } from "./client.mjs";
import { PASSWORD, person } from "./demo.mjs";
import { newFolder, removeFolder } from "./folder.mjs";
import { counted } from "./metrics.mjs";
import { freePorts } from "./ports.mjs";
import { PORT_TAKEN, Program, run } from "./program.mjs";
import { Upstream } from "./upstream.mjs";
import { until } from "./until.mjs";

/** A page and a script's address for everybody, the rest for whoever is logged in. */
const ROUTES = [
  { path: "/**", access: "required" },
  { path: "/", access: "optional" },
  { path: "/open/**", access: "optional" },
  { path: "/public/**", access: "public" },
  { path: "/admin/**", access: { roles: ["admin"] } },
  { path: "/api/**", access: "required" },
  { path: "/big/**", access: "required", body_limit: "none" },
];

const ROUTES_TO_APP = ROUTES.map((route) => ({ upstream: "app", ...route }));

/** A value as TOML writes it. */
function toml(value) {
  if (Array.isArray(value)) return `[${value.map(toml).join(", ")}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${key} = ${toml(inner)}`)
    .join(", ")} }`;
}

function table(heading, keys) {
  const lines = Object.entries(keys).map(([key, value]) => `${key} = ${toml(value)}`);
  return [heading, ...lines, ""].join("\n");
}

/** A running gateway with its identity service and an upstream. */
export class Serve {
  #folder = newFolder();
  #clients = [];
  #settings;
  #ports;
  upstream;
  program;

  /** `identity` and `session` are further keys of these tables; `routes` replaces the usual ones. */
  static async start(settings = {}) {
    const world = new Serve();
    world.#settings = settings;
    try {
      world.upstream = await Upstream.start();
      do {
        world.#ports = await freePorts(3);
        fs.writeFileSync(world.file, world.#text());
      } while (!(await world.#launch()));
      return world;
    } catch (error) {
      await world.discard();
      throw error;
    }
  }

  get url() {
    return `http://localhost:${this.port}`;
  }

  get port() {
    return this.#ports[0];
  }

  get identityUrl() {
    return `http://127.0.0.1:${this.#ports[1]}`;
  }

  get adminPort() {
    return this.#ports[2];
  }

  get file() {
    return path.join(this.#folder, "cloakroom.toml");
  }

  get data() {
    return path.join(this.#folder, "data");
  }

  #text() {
    const [gateway, identity, admin] = this.#ports;
    const { routes = ROUTES_TO_APP, session = {}, upstream = this.upstream.url } = this.#settings;
    return [
      table("[server]", { listen: `localhost:${gateway}`, public_url: `http://localhost:${gateway}` }),
      table("[session]", session),
      table("[provider]", { kind: "builtin" }),
      table("[[upstream]]", { name: "app", url: upstream }),
      ...routes.map((route) => table("[[route]]", route)),
      table("[identity]", { listen: `127.0.0.1:${identity}`, ...this.#settings.identity }),
      table("[admin]", { listen: `127.0.0.1:${admin}` }),
    ].join("\n");
  }

  /** Starts it again, with the same file and data. */
  async restart() {
    if (!(await this.#launch())) throw new Error("a port was taken in between");
  }

  /** Whether it is ready; false if a port was taken. */
  async #launch() {
    this.program = new Program(["serve", "-c", this.file], { cwd: this.#folder });
    const admin = new Client(`http://127.0.0.1:${this.adminPort}`);
    const isReady = () =>
      admin.get("/readyz").then(
        ({ status }) => status === 200,
        () => false,
      );
    await until("/readyz", async () => !this.program.runs || (await isReady()), { limit: 60_000 });
    admin.close();
    if (this.program.runs) return true;
    const { code } = await this.program.ended();
    if (code === PORT_TAKEN) return false;
    throw new Error(`serve ended with ${code}; it said:\n${this.program.lastLines()}`);
  }

  /** Runs a command on this deployment, such as `["keys", "rotate"]`. */
  command(args, input) {
    return run([...args, "-c", this.file], { cwd: this.#folder, input });
  }

  /** A new client of the gateway. */
  client(options) {
    const client = new Client(this.url, options);
    this.#clients.push(client);
    return client;
  }

  /** A client of somebody who has just registered. */
  async registered(username) {
    const client = this.client();
    await client.register(person(username));
    return client;
  }

  /** A client of somebody who registered before. */
  async loggedIn(username) {
    const client = this.client();
    await client.logIn(username, PASSWORD);
    return client;
  }

  /** How often a refresh came to this verdict, or at all. */
  refreshes(verdict) {
    return counted(this.adminPort, "cloakroom_refresh_total", verdict && { verdict });
  }

  /** Ends it, and fails unless it ends well. */
  async stop() {
    for (const client of this.#clients) client.close();
    try {
      if (this.program.runs) await this.program.stop();
    } finally {
      await this.upstream.stop();
      removeFolder(this.#folder);
    }
  }

  /** Ends it somehow. */
  async discard() {
    if (this.program?.runs) await this.program.kill();
    await this.upstream?.stop();
    removeFolder(this.#folder);
  }
}
