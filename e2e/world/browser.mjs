// A real browser: Debian's Chromium, with a fresh profile for each person, watched for tokens (LG-01).

import { chromium } from "playwright-core";

import { assertNoToken } from "./secrets.mjs";

const PROGRAM = "/usr/bin/chromium";

/** Nothing but what a test does may reach the network. */
const SWITCHES = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The browser of a test file. */
export class Browser {
  #chromium;

  static async start() {
    const browser = new Browser();
    browser.#chromium = await chromium.launch({ executablePath: PROGRAM, args: SWITCHES });
    return browser;
  }

  /** Somebody with a browser profile of their own. `options` are playwright's for a context. */
  async person(origin, options = {}) {
    const context = await this.#chromium.newContext({ baseURL: origin, ...options });
    context.setDefaultTimeout(15_000);
    return new Person(context, await context.newPage());
  }

  stop() {
    return this.#chromium.close();
  }
}

/** Somebody with a browser: one profile, one window, and a record of everything that came in. */
class Person {
  #answers = [];
  /** What the browser complained about: scripts that broke, and what a policy stopped. */
  complaints = [];

  constructor(context, page) {
    this.context = context;
    this.page = page;
    context.on("response", (response) => this.#answers.push(this.#record(response)));
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("console", (message) => {
      // Refused requests are part of the tests; what a content security policy stops is not.
      if (message.type() === "error" && /Content Security Policy/.test(message.text())) {
        this.complaints.push(message.text());
      }
    });
  }

  async #record(response) {
    const headers = await response.headersArray().catch(() => []);
    // A redirect has no body, and that of a page that was left in between is gone.
    const body = await response.body().catch(() => Buffer.alloc(0));
    return {
      url: response.url(),
      status: response.status(),
      headers: headers.map(({ name, value }) => ({ name: name.toLowerCase(), value })),
      text: body.toString("utf8"),
    };
  }

  /** Everything that has come in so far. */
  answers() {
    return Promise.all(this.#answers);
  }

  /** The session cookie as the browser keeps it. */
  async sessionCookie() {
    return (await this.context.cookies()).find(({ name }) => name === "cloakroom");
  }

  /**
   * Fails if a token is anywhere in this browser: in an answer's address, headers or body, in storage,
   * or in a cookie that scripts can read. Returns how many answers were searched.
   */
  async assertHoldsNoToken() {
    const answers = await this.answers();
    for (const { url, headers, text } of answers) {
      assertNoToken(url, "an address");
      assertNoToken(JSON.stringify(headers), `the headers of ${url}`);
      assertNoToken(text, `the body of ${url}`);
    }
    const kept = await this.page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]),
    );
    assertNoToken(kept, "what scripts can read");
    const cookies = await this.context.cookies();
    assertNoToken(JSON.stringify(cookies), "the cookies");
    return answers.length;
  }

  leave() {
    return this.context.close();
  }
}
