//! The service as its clients see it: the router in memory, on a clock that stands still until it is moved.

mod account;
mod admin;
mod audit;
mod contract;
mod keys;
mod limits;
mod login;
mod logout;
mod oauth;
mod refresh;
mod register;
mod relay;
mod world;
