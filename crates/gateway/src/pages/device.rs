//! A session in the list of devices, in words that its owner recognises.

use cloakroom_core::session::Listed;
use cloakroom_core::{Handle, Timestamp};

use super::moment;

/// One row of the list of devices.
#[derive(Clone, Debug)]
pub(crate) struct DeviceRow {
    /// The session's handle.
    pub(crate) id: String,
    /// Browser and system.
    pub(crate) name: String,
    /// Address at the login.
    pub(crate) ip: String,
    /// Last activity, for programs.
    pub(crate) last_seen: String,
    /// Last activity, for people.
    pub(crate) activity: String,
    /// The login, for programs.
    pub(crate) created: String,
    /// The login, for people.
    pub(crate) created_day: String,
    /// Whether it is the session that asks.
    pub(crate) is_current: bool,
}

impl DeviceRow {
    /// The row of `listed`, as the owner of the session `current` sees it at `now`.
    pub(crate) fn of(listed: &Listed, current: &Handle, now: Timestamp) -> Self {
        let is_current = listed.handle == *current;
        // Whoever looks at the list is active, however far behind the record is.
        let last_seen = if is_current { now } else { listed.last_seen };
        Self {
            id: listed.handle.as_str().to_owned(),
            name: describe(&listed.device.user_agent),
            ip: listed.device.ip.clone(),
            last_seen: moment::rfc3339(last_seen),
            activity: moment::activity(now.since(last_seen)),
            created: moment::rfc3339(listed.created),
            created_day: moment::day(listed.created),
            is_current,
        }
    }
}

/// Names in a `User-Agent`, the more telling first: Edge and Opera say Chrome too, and Chrome says Safari.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];

/// The same for systems: Android says Linux too, and iPhones say Mac OS X.
const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// A guess for the owner's eyes only; nothing is decided by it.
fn describe(user_agent: &str) -> String {
    let find = |names: &[(&str, &'static str)]| {
        names
            .iter()
            .find(|(part, _)| user_agent.contains(part))
            .map(|(_, name)| *name)
    };
    match (find(BROWSERS), find(SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "Unknown device".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_browsers_are_called_by_their_names() {
        for (user_agent, name) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            ("curl/8.14.1", "curl"),
            ("", "Unknown device"),
        ] {
            assert_eq!(describe(user_agent), name);
        }
    }
}
