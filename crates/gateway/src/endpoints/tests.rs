//! The endpoints as a browser meets them: the router on production parts, with stores in memory, a provider
//! that is a stub, and a cookie jar. The stages before them are played by the world.

mod accounts;
mod audit;
mod events;
mod login;
mod logout;
mod refresh;
mod register;
mod session;
mod sessions;
mod stub;
mod world;
