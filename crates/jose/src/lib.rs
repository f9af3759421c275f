//! cloakroom-jose
