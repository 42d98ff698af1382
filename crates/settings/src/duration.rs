//! Durations as people write them: `250ms`, `20s`, `5m`, `2h`, `7d`, and sums such as `1h30m`.

/// Units in milliseconds, longest first.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Milliseconds; `None` if the text is not a duration or does not fit.
pub fn parse(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    let mut total: u64 = 0;
    let mut last = u64::MAX;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        rest = rest[digits..].trim_start();
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let unit = UNITS.iter().find(|(name, _)| *name == &rest[..letters])?.1;
        if unit >= last {
            return None;
        }
        last = unit;
        total = total.checked_add(number.checked_mul(unit)?)?;
        rest = rest[letters..].trim_start();
    }
    Some(total)
}

/// The shortest way to write it: `90000` is `1m30s`.
pub fn write(ms: u64) -> String {
    if ms == 0 {
        return "0s".to_owned();
    }
    let mut rest = ms;
    let mut text = String::new();
    for (name, unit) in UNITS {
        if rest >= unit {
            text.push_str(&format!("{}{name}", rest / unit));
            rest %= unit;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_write_them() {
        for (text, ms) in [
            ("250ms", 250),
            ("20s", 20_000),
            ("5m", 300_000),
            ("1h30m", 5_400_000),
            ("2 h", 7_200_000),
            ("7d", 604_800_000),
            ("0s", 0),
        ] {
            assert_eq!(parse(text), Some(ms), "{text}");
            assert_eq!(parse(&write(ms)), Some(ms), "{text}");
        }
        for bad in [
            "",
            "20",
            "s",
            "-5s",
            "5 minutes",
            "1.5s",
            "30m1h",
            "5s5s",
            "99999999999999999999s",
            "9999999999999999d",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
