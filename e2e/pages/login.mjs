/** The gateway's login page. */
export class LoginPage {
  static path = "/auth/login";

  constructor(page) {
    this.page = page;
  }

  get heading() {
    return this.page.getByRole("heading", { level: 1, name: "Log in", exact: true });
  }

  get problem() {
    return this.page.getByRole("alert");
  }

  get news() {
    return this.page.getByRole("status");
  }

  get identifier() {
    return this.page.getByLabel("E-mail or user name");
  }

  get password() {
    return this.page.getByLabel("Password", { exact: true });
  }

  open() {
    return this.page.goto(LoginPage.path);
  }

  /** Types a name and a password and presses Enter, as people do. */
  async logIn(identifier, password) {
    await this.identifier.fill(identifier);
    await this.password.fill(password);
    await this.password.press("Enter");
  }
}
