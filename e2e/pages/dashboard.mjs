import { until } from "../world/until.mjs";

/** The demo's dashboard. */
export class DashboardPage {
  static path = "/dashboard";

  constructor(page) {
    this.page = page;
  }

  open() {
    return this.page.goto(DashboardPage.path);
  }

  greeting(name) {
    return this.page.getByRole("heading", { level: 1, name: `Hello, ${name}`, exact: true });
  }

  /** The how manyth token of this session the page was made with. */
  async tokenNumber() {
    const text = await this.page.locator("#token").textContent();
    const told = /^token renewed (\d+) s ago, no\. (\d+)$/.exec(text.trim());
    if (!told) throw new Error(`the dashboard says of the token: ${text}`);
    return Number(told[2]);
  }

  /** Reloads until a later token than this one is seen. */
  untilRenewedAfter(number, limit) {
    const isLater = async () => {
      await this.page.reload();
      return (await this.tokenNumber()) > number;
    };
    return until(`a token after no. ${number}`, isLater, { limit, every: 500 });
  }
}
