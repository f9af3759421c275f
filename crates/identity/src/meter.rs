//! What this service counts. Every label comes from a fixed list, so that no client can grow the metrics.

/// What was asked for.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Login,
    Refresh,
}

/// What became of it.
#[derive(Clone, Copy)]
pub(crate) enum Verdict {
    Issued,
    Rotated,
    Repeated,
    Stale,
    Reused,
    Refused,
    Unknown,
    Limited,
    Unavailable,
}

/// Counts one answer of the token endpoints in `cloakroom_identity_tokens_total`.
pub(crate) fn token(kind: Kind, verdict: Verdict) {
    let kind = match kind {
        Kind::Login => "login",
        Kind::Refresh => "refresh",
    };
    let verdict = match verdict {
        Verdict::Issued => "issued",
        Verdict::Rotated => "rotated",
        Verdict::Repeated => "repeated",
        Verdict::Stale => "stale",
        Verdict::Reused => "reused",
        Verdict::Refused => "refused",
        Verdict::Unknown => "unknown",
        Verdict::Limited => "limited",
        Verdict::Unavailable => "unavailable",
    };
    metrics::counter!("cloakroom_identity_tokens_total", "kind" => kind, "verdict" => verdict)
        .increment(1);
}
