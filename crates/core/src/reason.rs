//! Why a session ended: one list for the store, the log, the answer to its owner and the SDKs.

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $code:literal),+ $(,)?) => {
        /// Why a session ended. The codes are stable: stores keep them and clients compare them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum EndReason {
            $($(#[$doc])* $variant),+
        }

        impl EndReason {
            /// Every reason, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The stable code.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $code),+
                }
            }

            /// The reason with this code, if there is one.
            pub fn parse(code: &str) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

reasons! {
    /// The provider gave no refresh token and the access token's life is over.
    Expired = "expired",
    /// Nobody was active for longer than the idle timeout.
    Idle = "idle",
    /// The absolute lifetime, counted from the login, is over.
    Absolute = "absolute",
    /// The owner logged out.
    Logout = "logout",
    /// The same browser logged in again.
    Replaced = "replaced",
    /// The owner ended it from another session, or it was the oldest of too many.
    RevokedByUser = "revoked_by_user",
    /// An operator ended it.
    RevokedByAdmin = "revoked_by_admin",
    /// A spent refresh token was presented by somebody else: the whole family is dead.
    ReuseDetected = "reuse_detected",
    /// The provider said for certain that the refresh token is worth nothing (`invalid_grant`).
    IssuerRefused = "issuer_refused",
    /// The password was changed elsewhere.
    PasswordChanged = "password_changed",
    /// The account was disabled or deleted.
    Disabled = "disabled",
    /// The store has lost writes: its refresh token is older than what the provider last issued.
    RolledBack = "rolled_back",
    /// A backup was restored, which ends every session unless told otherwise.
    Restored = "restored",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_parses_back_to_its_reason() {
        for &reason in EndReason::ALL {
            assert_eq!(EndReason::parse(reason.as_str()), Some(reason));
        }
        assert_eq!(EndReason::parse("no_session"), None);
    }
}
