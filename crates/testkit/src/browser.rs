//! A browser's cookie jar for one origin, stricter than real ones: a `Set-Cookie` that a browser would drop or
//! repair is an error here, so that a test notices it.

mod cookie;

pub use cookie::{BadCookie, Cookie, SameSite};

use std::time::Duration;

use cloakroom_core::Timestamp;
use http::HeaderMap;
use http::header::SET_COOKIE;

/// Where a request comes from, which decides the cookies that go with it (RFC 6265bis §5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initiator {
    /// A page of the site itself.
    SameSite,
    /// A link on another site, followed at top level with a safe method.
    ForeignLink,
    /// Anything else on another site: a form that posts, a frame, an image, a script's request.
    ForeignPage,
}

/// One browser on one origin.
#[derive(Clone, Debug)]
pub struct Browser {
    secure: bool,
    now: Timestamp,
    jar: Vec<(Cookie, Option<Timestamp>)>,
}

impl Browser {
    /// On an https origin.
    pub fn https() -> Self {
        Self::on(true)
    }

    /// On plain http: `Secure` cookies are refused.
    pub fn http() -> Self {
        Self::on(false)
    }

    fn on(secure: bool) -> Self {
        Self {
            secure,
            now: Timestamp::from_secs(0),
            jar: Vec::new(),
        }
    }

    /// Lets time pass: cookies past their `Max-Age` go.
    pub fn wait(&mut self, time: Duration) {
        self.now = self.now.plus(time);
        let now = self.now;
        self.jar
            .retain(|(_, until)| until.is_none_or(|until| !until.has_come(now)));
    }

    /// Takes in every `Set-Cookie` of an answer.
    pub fn receive(&mut self, headers: &HeaderMap) -> Result<(), BadCookie> {
        for value in headers.get_all(SET_COOKIE) {
            let text = value.to_str().map_err(|_| BadCookie::Illegal)?;
            self.set(Cookie::parse(text, self.secure)?);
        }
        Ok(())
    }

    /// Puts a cookie into the jar, as a script or a neighbour could.
    pub fn set(&mut self, cookie: Cookie) {
        self.jar
            .retain(|(old, _)| (&old.name, &old.path) != (&cookie.name, &cookie.path));
        let until = cookie.max_age.map(|age| self.now.plus(age));
        if cookie.max_age != Some(Duration::ZERO) {
            self.jar.push((cookie, until));
        }
    }

    /// The cookie of this name, whatever its path.
    pub fn cookie(&self, name: &str) -> Option<&Cookie> {
        self.cookies().find(|cookie| cookie.name == name)
    }

    /// Every cookie in the jar.
    pub fn cookies(&self) -> impl Iterator<Item = &Cookie> {
        self.jar.iter().map(|(cookie, _)| cookie)
    }

    /// What `document.cookie` shows to a script on the page.
    pub fn readable_by_script(&self) -> Vec<&Cookie> {
        self.cookies().filter(|cookie| !cookie.http_only).collect()
    }

    /// The `Cookie` header of a request for `path`, or none. The longest paths come first.
    pub fn header(&self, path: &str, from: Initiator) -> Option<String> {
        let mut sent: Vec<_> = self
            .cookies()
            .filter(|cookie| cookie.matches(path) && cookie.travels(from))
            .collect();
        sent.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<_> = sent
            .into_iter()
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

#[cfg(test)]
mod tests;
