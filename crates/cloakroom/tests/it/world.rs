//! The world: production wiring (`wire::assemble`) with every host joined in memory, one clock that is moved by
//! hand, and people with browsers.
//!
//! To read it: `assembly` puts gateways, an identity service and their stores together; `network` is what lies
//! between gateway and identity service, `upstream` the app behind the gateway, `person` whoever sits in front of
//! it, `witness` all logs. The other modules are scenarios: what must hold for the whole path, whatever fails.
//!
//! Nothing here opens a socket or waits in real time for something to have happened: a scenario moves the clock and
//! looks at what came of it.

mod assembly;
mod network;
mod person;
mod upstream;
mod witness;

mod canary;
mod endings;
mod guarding;
mod lifetimes;
mod logins;
mod logout;
mod outages;
mod refreshing;
mod repeating;
mod rollback;
mod soak;
mod theft;
