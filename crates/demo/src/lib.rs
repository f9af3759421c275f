//! cloakroom-demo
