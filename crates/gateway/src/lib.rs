//! cloakroom-gateway
