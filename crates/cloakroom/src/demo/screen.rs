//! What the demo says when it is ready: where to go, as whom, and what to try.

use std::fmt::Write;
use std::path::Path;

use super::Ports;

/// What is shown.
pub(super) struct Shown<'a> {
    pub(super) url: &'a str,
    pub(super) password: &'a str,
    pub(super) routes: &'a [String],
    pub(super) ports: &'a Ports,
    pub(super) data: &'a Path,
}

/// The whole screen.
pub(super) fn text(shown: &Shown<'_>) -> String {
    let Shown {
        url,
        password,
        routes,
        ports,
        data,
    } = shown;
    let data = data.display();
    let mut text = format!(
        "
  cloakroom demo

  Open      {url}
  Log in    ada (an admin) or bob, password: {password}

  Try
    · the dashboard: the access token lives for 60 seconds; reload and see it renewed
    · register an account of your own, and make some goals
    · {url}/admin as bob, and then as ada
    · {url}/auth/account in a second browser: end the first one's session
    · look for a token in the browser: there is none, only HttpOnly cookies

  Behind it
    identity service  http://127.0.0.1:{identity}  (docs: cloakroom openapi)
    the app           http://127.0.0.1:{app}
    health, metrics   {admin}
    data              {data} (delete it to start anew; requests are in access.log)

  Routes
",
        identity = ports.identity,
        app = ports.app,
        admin = ports.admin.map_or_else(
            || "off, because port 9090 is taken".to_owned(),
            |port| format!("http://127.0.0.1:{port}/readyz, /metrics"),
        ),
    );
    for route in *routes {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "    {route}");
    }
    text.push_str("\n  Ctrl-C ends it; everything is kept.\n");
    text
}
