/** The gateway's registration page. */
export class RegisterPage {
  static path = "/auth/register";

  constructor(page) {
    this.page = page;
  }

  open() {
    return this.page.goto(RegisterPage.path);
  }

  field(name) {
    const labels = { name: "Your name", username: "User name", email: "E-mail", password: "Password" };
    return this.page.getByLabel(labels[name], { exact: true });
  }

  /** What is said below a field. */
  error(name) {
    return this.page.locator(`#${name}-error`);
  }

  async register(person) {
    for (const name of ["name", "username", "email", "password"]) {
      await this.field(name).fill(person[name]);
    }
    await this.page.getByRole("button", { name: "Create account" }).click();
  }
}
