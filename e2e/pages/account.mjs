/** The gateway's account page. */
export class AccountPage {
  static path = "/auth/account";

  constructor(page) {
    this.page = page;
  }

  open() {
    return this.page.goto(AccountPage.path);
  }

  get notice() {
    return this.page.getByRole("status");
  }

  /** The rows of the list of devices. */
  get devices() {
    return this.page.locator("ul.devices > li");
  }

  async rename(name) {
    await this.page.getByLabel("Your name").fill(name);
    await this.page.getByRole("button", { name: "Save profile" }).click();
  }

  async changePassword(current, replacement, { keepOthers = false } = {}) {
    await this.page.getByLabel("Current password").fill(current);
    await this.page.getByLabel("New password").fill(replacement);
    if (keepOthers) await this.page.getByLabel("Keep them logged in").check();
    await this.page.getByRole("button", { name: "Change password" }).click();
  }

  /** Ends the session of a device that is not this one. */
  endSession(row) {
    return row.getByRole("button", { name: /^End the session/ }).click();
  }

  endAllOthers() {
    return this.page.getByRole("button", { name: "End all other sessions" }).click();
  }

  logOut() {
    return this.page.getByRole("banner").getByRole("button", { name: "Log out" }).click();
  }
}
