//! Points in time as people and programs read them.

use std::time::Duration;

use cloakroom_core::Timestamp;

/// RFC 3339 in UTC with whole seconds, such as `2026-11-21T07:27:05Z`.
pub(crate) fn rfc3339(at: Timestamp) -> String {
    whole_seconds(at).to_string()
}

/// The day, such as `21 November 2026`, in UTC: the server does not know the reader's zone.
pub(super) fn day(at: Timestamp) -> String {
    whole_seconds(at).strftime("%-d %B %Y").to_string()
}

/// How long ago somebody was active. The record is up to a minute behind, so less than two count as now.
pub(super) fn activity(ago: Duration) -> String {
    let minutes = ago.as_secs() / 60;
    let (count, unit) = match minutes {
        0..2 => return "active now".to_owned(),
        2..60 => (minutes, "minute"),
        60..1440 => (minutes / 60, "hour"),
        _ => (minutes / 1440, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("active {count} {unit}{plural} ago")
}

/// A time beyond the calendar shows as its start; the clock never tells one.
fn whole_seconds(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_second(at.as_secs()).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_read_rfc_3339_and_people_a_day() {
        let at = Timestamp::from_micros(1_800_000_000_999_999);
        assert_eq!(rfc3339(at), "2027-01-15T08:00:00Z");
        assert_eq!(day(at), "15 January 2027");
    }

    #[test]
    fn activity_is_told_in_the_largest_whole_unit() {
        for (seconds, told) in [
            (0, "active now"),
            (119, "active now"),
            (120, "active 2 minutes ago"),
            (3_600, "active 1 hour ago"),
            (86_399, "active 23 hours ago"),
            (172_800, "active 2 days ago"),
        ] {
            assert_eq!(activity(Duration::from_secs(seconds)), told);
        }
    }
}
