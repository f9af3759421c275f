//! What a backend's login looks like: each kind of provider behind the one port the gateway knows.
//!
//! | kind | speaks to |
//! |---|---|
//! | [`builtin`] | the identity service of this project |

pub mod builtin;
