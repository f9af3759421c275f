//! Audit events: one line each for what an operator has to be able to account for (AU-01).
//!
//! 1. Every value is one of ours (codes, handles, addresses, request ids) or was checked by a provider; what
//!    somebody typed never stands in one, so that nobody can forge a line (AU-03).
//! 2. The name of a failed login is told as the start of its SHA-256: enough to see that one account is being
//!    tried again and again, too little to publish a password typed into the wrong field.

use aws_lc_rs::digest::{SHA256, digest};
use cloakroom_core::session::Selector;
use cloakroom_core::{EndReason, Handle, Principal, hex};

use crate::call::Caller;
use crate::refusal::Refusal;

macro_rules! event {
    ($caller:expr, $name:literal, $sentence:literal $(, $field:ident = $value:expr)* $(,)?) => {
        tracing::info!(
            target: "audit",
            event = $name,
            $($field = %$value,)*
            client_ip = %$caller.client_ip,
            request_id = %$caller.id,
            $sentence
        )
    };
}

/// Somebody logged in.
pub(super) fn logged_in(caller: &Caller, who: &Principal, session: &Handle) {
    event!(
        caller,
        "login",
        "somebody logged in",
        provider = who.provider,
        subject = who.subject,
        session = session
    );
}

/// Somebody failed to.
pub(super) fn login_failed(caller: &Caller, identifier: &str, refusal: &Refusal) {
    let outcome = refusal.code().as_str();
    event!(
        caller,
        "login_failed",
        "somebody failed to log in",
        outcome = outcome,
        identifier_hash = fingerprint(identifier)
    );
}

/// Somebody created an account.
pub(super) fn registered(caller: &Caller, who: &Principal, session: &Handle) {
    event!(
        caller,
        "register",
        "somebody created an account",
        provider = who.provider,
        subject = who.subject,
        session = session
    );
}

/// Somebody logged out.
pub(super) fn logged_out(caller: &Caller, who: &Principal, session: &Handle) {
    event!(
        caller,
        "logout",
        "somebody logged out",
        provider = who.provider,
        subject = who.subject,
        session = session
    );
}

/// Somebody ended sessions of their own.
pub(super) fn ended(
    caller: &Caller,
    who: &Principal,
    which: &Selector,
    why: EndReason,
    count: u64,
) {
    let which = match which {
        Selector::Own(_, handle) | Selector::Handle(handle) => handle.as_str(),
        Selector::Principal(..) => "others",
        Selector::IssuerSid(..) => "login",
        Selector::Everybody => "all",
    };
    event!(
        caller,
        "sessions_end",
        "somebody ended sessions of their own",
        provider = who.provider,
        subject = who.subject,
        which = which,
        reason = why.as_str(),
        count = count,
    );
}

/// Somebody changed their profile.
pub(super) fn profile_changed(caller: &Caller, who: &Principal, session: &Handle) {
    event!(
        caller,
        "profile_change",
        "somebody changed their profile",
        provider = who.provider,
        subject = who.subject,
        session = session
    );
}

/// Somebody changed their password.
pub(super) fn password_changed(caller: &Caller, who: &Principal, session: &Handle) {
    event!(
        caller,
        "password_change",
        "somebody changed their password",
        provider = who.provider,
        subject = who.subject,
        session = session
    );
}

/// Somebody gave a wrong current password.
pub(super) fn password_refused(caller: &Caller, who: &Principal, session: &Handle) {
    event!(
        caller,
        "password_refused",
        "somebody gave a wrong current password",
        provider = who.provider,
        subject = who.subject,
        session = session
    );
}

/// The start of the hash of a name, the same for every spelling that a provider takes for one.
fn fingerprint(identifier: &str) -> String {
    let canonical = identifier.trim().to_lowercase();
    let hash = digest(&SHA256, canonical.as_bytes());
    hex::encode(hash.as_ref().first_chunk::<6>().unwrap_or(&[0; 6]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_failed_login_is_told_as_a_short_hash_of_its_canonical_form() {
        // AU-02
        assert_eq!(
            fingerprint(" Ada@Example.com "),
            fingerprint("ada@example.com")
        );
        assert_ne!(
            fingerprint("ada@example.com"),
            fingerprint("bob@example.com")
        );
        assert_eq!(fingerprint("ada@example.com").len(), 12);
    }
}
