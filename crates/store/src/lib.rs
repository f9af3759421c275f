//! cloakroom-store
