/** The demo's list of goals. */
export class GoalsPage {
  static path = "/goals";

  constructor(page) {
    this.page = page;
  }

  open(query = "") {
    return this.page.goto(`${GoalsPage.path}${query}`);
  }

  get notice() {
    return this.page.getByRole("status");
  }

  /** The card of a goal on this page. */
  goal(title) {
    const heading = this.page.getByRole("heading", { level: 3, name: title, exact: true });
    return this.page.locator("li.goal").filter({ has: heading });
  }

  /** The titles on this page, in order. */
  titles() {
    return this.page.locator("li.goal h3").allTextContents();
  }

  async create(title, description = "") {
    await this.page.getByLabel("Name", { exact: true }).fill(title);
    await this.page.getByLabel(/^Description/).fill(description);
    await this.page.getByRole("button", { name: "Create goal" }).click();
  }

  /** Chooses a filter: `All`, `In progress` or `Completed`. */
  filter(name) {
    const tabs = this.page.getByRole("navigation", { name: "Filter" });
    return tabs.getByRole("link", { name: new RegExp(`^${name}`) }).click();
  }

  turnPage(name) {
    return this.page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name }).click();
  }

  async setProgress(title, percent) {
    const goal = this.goal(title);
    await goal.getByLabel(/^Progress of/).fill(String(percent));
    await goal.getByRole("button", { name: /^Save/ }).click();
  }

  async complete(title) {
    await this.goal(title)
      .getByRole("button", { name: /^Complete/ })
      .click();
  }

  /** Opens the question first: nothing is deleted with one click. */
  async delete(title) {
    await this.goal(title).locator("summary").click();
    await this.goal(title)
      .getByRole("button", { name: /^Yes, delete/ })
      .click();
  }
}
