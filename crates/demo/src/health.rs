//! `GET /healthz`: the process listens and its goals are loaded; both are true whenever this can answer.

use http::header::CACHE_CONTROL;

/// Says "ok" and nothing else: no version, no counts, no caller needed.
pub(crate) async fn healthz() -> ([(http::HeaderName, &'static str); 1], &'static str) {
    ([(CACHE_CONTROL, "no-store")], "ok\n")
}
