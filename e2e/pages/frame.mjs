/** What stands on every page of the demo's app. */
export class Frame {
  constructor(page) {
    this.page = page;
  }

  /** Follows a link of the navigation. */
  goTo(name) {
    return this.page
      .getByRole("navigation", { name: "Main" })
      .getByRole("link", { name, exact: true })
      .click();
  }

  openAccount() {
    return this.page.getByRole("link", { name: /^Your account/ }).click();
  }

  logOut() {
    return this.page.getByRole("banner").getByRole("button", { name: "Log out" }).click();
  }
}
