//! cloakroom-identity
