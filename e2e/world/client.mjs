// A small HTTP client with a cookie jar: what curl does, with every header in the test's hands.
//
// It follows no redirect, sends the path exactly as it is written, and lets no token pass
// unnoticed: each answer is searched (LG-01).

import http from "node:http";

import { assertNoToken } from "./secrets.mjs";
import { within } from "./until.mjs";

/** What a browser says of itself when somebody opens an address. */
export const NAVIGATION = {
  accept: "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
  "sec-fetch-mode": "navigate",
  "sec-fetch-dest": "document",
  "sec-fetch-site": "same-origin",
};

/** What a browser says of itself when a script of the page calls. */
export const SCRIPT = {
  accept: "application/json",
  "sec-fetch-mode": "cors",
  "sec-fetch-dest": "empty",
  "sec-fetch-site": "same-origin",
};

/** What curl sends with `-H 'X-Requested-With: curl'`. */
export const CURL = { accept: "*/*", "user-agent": "curl/8.14.1", "x-requested-with": "curl" };

/** A `Set-Cookie` line taken apart. */
function parseSetCookie(line) {
  const [pair, ...rest] = line.split(/;\s*/);
  const at = pair.indexOf("=");
  const attributes = new Map(
    rest.map((part) => {
      const [name, value = ""] = part.split("=");
      return [name.toLowerCase(), value];
    }),
  );
  return { line, name: pair.slice(0, at), value: pair.slice(at + 1), attributes };
}

/** One answer, read to its end. */
class Answer {
  constructor(message, body) {
    this.status = message.statusCode;
    this.headers = message.headers;
    this.body = body;
    this.setCookies = (message.headers["set-cookie"] ?? []).map(parseSetCookie);
  }

  get text() {
    return this.body.toString("utf8");
  }

  get json() {
    return JSON.parse(this.text);
  }

  get location() {
    return this.headers.location;
  }

  /** The `Set-Cookie` of this name. */
  setCookie(name) {
    return this.setCookies.find((cookie) => cookie.name === name);
  }
}

/** A browser without a screen. */
export class Client {
  #agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  cookies = new Map();

  /** Speaks to `origin`. `showsTokens` is for the identity service, whose business tokens are. */
  constructor(origin, { headers = CURL, showsTokens = false } = {}) {
    this.origin = new URL(origin);
    this.headers = headers;
    this.showsTokens = showsTokens;
  }

  /** The Cookie header that this jar sends. */
  get cookieHeader() {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  /** The session cookie's value. */
  get session() {
    return this.cookies.get("cloakroom");
  }

  /** Begins a request and leaves it to the caller: the head is not yet sent. */
  open(method, path, headers = {}) {
    const cookie = this.cookieHeader;
    const all = { host: this.origin.host, ...this.headers, ...(cookie && { cookie }), ...headers };
    const sent = Object.entries(all).filter(([, value]) => value !== undefined);
    return http.request({
      // localhost is two addresses; the program listens on the first one everywhere.
      host: this.origin.hostname === "localhost" ? "127.0.0.1" : this.origin.hostname,
      port: this.origin.port,
      method,
      path,
      agent: this.#agent,
      headers: Object.fromEntries(sent),
      setHost: false,
    });
  }

  /** Sends a request and reads the whole answer. A header of `undefined` is left out. */
  async send(method, path, { headers = {}, body, json, form } = {}) {
    const [type, content] =
      json !== undefined
        ? ["application/json", JSON.stringify(json)]
        : form !== undefined
          ? ["application/x-www-form-urlencoded", new URLSearchParams(form).toString()]
          : [undefined, body];
    const framing = content === undefined ? {} : { "content-length": Buffer.byteLength(content) };
    const request = this.open(method, path, { "content-type": type, ...framing, ...headers });
    request.end(content);
    return this.answer(request);
  }

  /** Waits for a request's answer, reads it, and keeps its cookies. */
  async answer(request) {
    const place = `${request.method} ${request.path}`;
    const whole = new Promise((resolve, reject) => {
      request.on("error", reject);
      request.on("response", (message) => {
        const chunks = [];
        message.on("data", (chunk) => chunks.push(chunk));
        message.on("error", reject);
        message.on("aborted", () => reject(new Error(`${place}: the answer broke off`)));
        message.on("end", () => resolve(new Answer(message, Buffer.concat(chunks))));
      });
    });
    const answer = await within(place, whole, 60_000).finally(() => request.destroy());
    if (!this.showsTokens) {
      assertNoToken(JSON.stringify(answer.headers), `the headers of ${place}`);
      assertNoToken(answer.text, `the body of ${place}`);
    }
    for (const cookie of answer.setCookies) {
      if (cookie.attributes.get("max-age") === "0") this.cookies.delete(cookie.name);
      else this.cookies.set(cookie.name, cookie.value);
    }
    return answer;
  }

  get(path, headers) {
    return this.send("GET", path, { headers });
  }

  /** Opens a page as a browser's address bar does. */
  visit(path, headers) {
    return this.send("GET", path, { headers: { ...NAVIGATION, ...headers } });
  }

  post(path, json, headers) {
    return this.send("POST", path, { json, headers });
  }

  /** Sends a form as a page of this site does. */
  submit(path, form, headers) {
    return this.send("POST", path, { form, headers: { ...NAVIGATION, ...headers } });
  }

  /** Registers somebody, and is logged in as them. */
  async register(person) {
    const answer = await this.post("/auth/register", person);
    if (answer.status !== 201) throw new Error(`registering: ${answer.status} ${answer.text}`);
    return answer;
  }

  /** Logs in with JSON. */
  async logIn(identifier, password) {
    const answer = await this.post("/auth/login", { identifier, password });
    if (answer.status !== 200) throw new Error(`the login: ${answer.status} ${answer.text}`);
    return answer;
  }

  /** What `GET /auth/session` says. */
  async whoAmI() {
    return (await this.get("/auth/session")).json;
  }

  close() {
    this.#agent.destroy();
  }
}
