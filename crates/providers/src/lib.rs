//! cloakroom-providers
