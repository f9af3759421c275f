//! Durations such as `15m` and sizes such as `64KiB`, as people write them.

use std::time::Duration;

/// Reads a whole number with a unit: `s`, `m`, `h` or `d`.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = split(text)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    number.checked_mul(seconds).map(Duration::from_secs)
}

/// Reads a whole number of bytes with a unit: `B`, `KiB`, `MiB` or `GiB`.
pub(crate) fn size(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    let bytes: u64 = match unit {
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(bytes)
}

fn split(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (digits, unit) = text.split_at_checked(end)?;
    Some((digits.parse().ok()?, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_are_whole_numbers_with_a_unit() {
        assert_eq!(duration("15m"), Some(Duration::from_secs(900)));
        assert_eq!(duration("7d"), Some(Duration::from_secs(604_800)));
        assert_eq!(duration("0s"), Some(Duration::ZERO));
        assert_eq!(size("64KiB"), Some(65_536));
        assert_eq!(size("10MiB"), Some(10_485_760));
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in [
            "",
            "15",
            "m",
            "1.5h",
            "15 m",
            "-1m",
            "15M",
            "99999999999999999999d",
            "é",
        ] {
            assert_eq!(duration(bad), None, "{bad}");
        }
        for bad in ["10", "10MB", "10mib", "99999999999GiB", "KiB"] {
            assert_eq!(size(bad), None, "{bad}");
        }
    }
}
