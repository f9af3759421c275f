//! The browser behind a request, as providers and sessions are told of it.

use cloakroom_core::ports::ClientContext;
use http::header::USER_AGENT;

use super::ask::Ask;
use crate::session::DeviceName;

/// The longest `User-Agent` that is kept, in bytes.
const USER_AGENT_LEN: usize = 256;

/// The browser behind a request.
pub(super) struct Client {
    /// What the provider is told.
    pub(super) context: ClientContext,
    /// The name it has just been given, where it had none.
    pub(super) named: Option<DeviceName>,
}

impl Client {
    /// The browser that asks; one without a name is given one.
    pub(super) fn of(ask: &Ask) -> Self {
        let known = ask.context().sessions.names().device(&ask.headers);
        let named = match known {
            Some(_) => None,
            None => Some(DeviceName::draw(&*ask.context().entropy)),
        };
        let device = known
            .as_ref()
            .or(named.as_ref())
            .map(|name| name.as_str().to_owned());
        Self {
            context: describe(ask, device),
            named,
        }
    }

    /// The browser that asks, under the name it has.
    pub(super) fn as_known(ask: &Ask) -> ClientContext {
        let known = ask.context().sessions.names().device(&ask.headers);
        describe(ask, known.map(|name| name.as_str().to_owned()))
    }
}

fn describe(ask: &Ask, device: Option<String>) -> ClientContext {
    let user_agent = ask.headers.get(USER_AGENT);
    let user_agent = user_agent
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    ClientContext {
        ip: ask.caller.client_ip,
        // A header value that can be read as text is ASCII: every byte is a place to cut.
        user_agent: user_agent
            .get(..USER_AGENT_LEN)
            .unwrap_or(user_agent)
            .to_owned(),
        device,
    }
}
