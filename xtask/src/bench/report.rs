//! What the contest prints: a row of medians for each server, and the ratio as the last line.

use crate::{say, table};

/// One server in one round.
#[derive(Clone, Copy)]
pub(super) struct Round {
    pub(super) cpu_us: f64,
    pub(super) per_second: f64,
    pub(super) p50_us: f64,
    pub(super) p99_us: f64,
}

/// One server in the whole run.
pub(super) struct Result {
    pub(super) name: &'static str,
    pub(super) rounds: Vec<Round>,
    pub(super) resident_kib: u32,
    pub(super) instructions: Option<u32>,
}

/// The table, without the ratio.
pub(super) fn print(results: &[Result]) {
    let heading = [
        "server",
        "cpu µs/request",
        "instructions",
        "requests/s",
        "p50 µs",
        "p99 µs",
        "RSS MiB",
    ];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    rows.extend(results.iter().map(Result::row));
    say::line("");
    for line in table::lines(&rows) {
        say::line(&line);
    }
}

/// The last line: how much more `subject` costs than `base`.
pub(super) fn ratio(subject: &Result, base: &Result, names: &str) -> String {
    let rounds = subject.rounds.iter().zip(&base.rounds);
    let cpu = median(
        rounds
            .map(|(subject, base)| subject.cpu_us / base.cpu_us)
            .collect(),
    );
    let instructions = match (subject.instructions, base.instructions) {
        (Some(subject), Some(base)) => format!("{:.2}", f64::from(subject) / f64::from(base)),
        _ => "n/a".to_owned(),
    };
    format!("ratio {names}: cpu {cpu:.2} instructions {instructions}")
}

impl Result {
    fn row(&self) -> Vec<String> {
        let of = |value: fn(&Round) -> f64| median(self.rounds.iter().map(value).collect());
        vec![
            self.name.to_owned(),
            format!("{:.1}", of(|round| round.cpu_us)),
            self.instructions
                .map_or_else(|| "n/a".to_owned(), |count| count.to_string()),
            format!("{:.0}", of(|round| round.per_second)),
            format!("{:.0}", of(|round| round.p50_us)),
            format!("{:.0}", of(|round| round.p99_us)),
            format!("{:.1}", f64::from(self.resident_kib) / 1024.0),
        ]
    }
}

/// The middle value, or the mean of the two middle ones; not a number where there is none.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let upper = values.get(values.len() / 2);
    let lower = values.get(values.len().saturating_sub(1) / 2);
    match (lower, upper) {
        (Some(lower), Some(upper)) => f64::midpoint(*lower, *upper),
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::{Result, Round, ratio};

    fn result(cpu: &[f64], instructions: Option<u32>) -> Result {
        let round = |cpu_us: &f64| Round {
            cpu_us: *cpu_us,
            per_second: 1.0,
            p50_us: 1.0,
            p99_us: 1.0,
        };
        let rounds = cpu.iter().map(round).collect();
        Result {
            name: "a server",
            rounds,
            resident_kib: 1024,
            instructions,
        }
    }

    #[test]
    fn the_ratio_is_the_median_of_the_rounds_not_of_the_machine() {
        // The machine got three times slower in the last two rounds; both servers felt it.
        let subject = result(&[11.0, 11.0, 33.0, 36.0], Some(42_000));
        let base = result(&[10.0, 10.0, 30.0, 30.0], Some(40_000));
        let line = ratio(&subject, &base, "cloakroom/nginx");
        assert_eq!(line, "ratio cloakroom/nginx: cpu 1.10 instructions 1.05");
    }

    #[test]
    fn without_valgrind_there_is_no_number_for_instructions() {
        let line = ratio(
            &result(&[3.0], None),
            &result(&[2.0], None),
            "cloakroom/nginx",
        );
        assert_eq!(line, "ratio cloakroom/nginx: cpu 1.50 instructions n/a");
    }
}
