//! The report as tables, for a terminal of eighty to a hundred columns.

use crate::names::in_lines;
use crate::report::{Figures, Report};
use std::fmt;

/// The width of a number's column beside the names of policies, the longest of which it holds.
const COLUMN: usize = 14;

/// One figure as text.
type Cell = fn(&Figures) -> String;

/// Writes a name over as many lines as it needs, the last padded, so that figures can follow.
fn name(f: &mut fmt::Formatter<'_>, name: &str, width: usize) -> fmt::Result {
    let lines = in_lines(name);
    for (nth, line) in lines.iter().enumerate() {
        if nth + 1 == lines.len() {
            write!(f, "{line:width$}")?;
        } else {
            writeln!(f, "{line}")?;
        }
    }
    Ok(())
}

fn line(f: &mut fmt::Formatter<'_>, named: &str, width: usize, figures: &Figures) -> fmt::Result {
    name(f, named, width)?;
    write!(
        f,
        " {:7.1} {:6.1} {:6.1} {:6.1} {:6.2} % {:3.0} %",
        figures.mean_s,
        figures.p50_s,
        figures.p90_s,
        figures.p99_s,
        figures.abandoned * 100.0,
        figures.fit * 100.0
    )
}

impl Report {
    /// What each queue's customers found under each policy: a row for a queue, a column for a policy.
    fn table_by_queue(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(ours) = self.policies.first() else { return Ok(()) };
        let names = ours.queues.keys().map(|queue| queue.as_str().chars().count());
        let width = names.max().unwrap_or(0).clamp(14, 24);
        let tables: [(&str, Cell); 4] = [
            ("mean wait, s", |figures| format!("{:.1}", figures.mean_s)),
            ("90 % wait, s", |figures| format!("{:.1}", figures.p90_s)),
            ("gave up, %", |figures| format!("{:.2}", figures.abandoned * 100.0)),
            ("fit, %", |figures| format!("{:.0}", figures.fit * 100.0)),
        ];
        for (what, of) in tables {
            write!(f, "\n{what:width$}")?;
            for policy in &self.policies {
                write!(f, " {:>COLUMN$}", policy.policy)?;
            }
            writeln!(f)?;
            for queue in ours.queues.keys() {
                write!(f, "{:width$}", queue.as_str())?;
                for policy in &self.policies {
                    write!(f, " {:>COLUMN$}", policy.queues.get(queue).map_or_else(String::new, of))?;
                }
                writeln!(f)?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let customers = self.policies.first().map_or(0, |ours| ours.all.customers);
        writeln!(
            f,
            "{}: {} advisors, {customers} conversations, seed {}\n",
            self.scenario, self.advisors, self.seed
        )?;
        let names = self.policies.iter().chain(&self.what_if).flat_map(|outcome| in_lines(&outcome.policy));
        let width = names.map(|line| line.chars().count()).max().unwrap_or(0).max(18);
        writeln!(
            f,
            "{:width$}    mean   50 %   90 %   99 %  gave up   fit  busy  load ±  served ±",
            "waits in seconds"
        )?;
        line(f, "bound: one pool", width, &self.bounds.pooled)?;
        writeln!(f)?;
        for outcome in self.policies.iter().chain(&self.what_if) {
            line(f, &outcome.policy, width, &outcome.all)?;
            writeln!(
                f,
                " {:3.0} % {:7.2} {:9}",
                outcome.occupancy * 100.0,
                outcome.load_spread,
                outcome.served_spread
            )?;
        }
        self.table_by_queue(f)?;
        writeln!(f)?;
        if let Some(ours) = self.policies.first() {
            if self.bounds.pooled.mean_s > 0.0 {
                let ratio = ours.all.mean_s / self.bounds.pooled.mean_s;
                writeln!(f, "Mean wait against one pool in which everybody can do everything: × {ratio:.3}")?;
            }
            if let Some(foreseen) = ours.foreseen {
                writeln!(
                    f,
                    "Waits that were foreseen: {:.1} % ended within the interval (80 % aimed at), mean error {:.0} s",
                    foreseen * 100.0,
                    ours.foreseen_error_s
                )?;
            }
        }
        writeln!(
            f,
            "Erlang A, one pool, hour by hour: mean wait {:.1} s, {:.2} % give up; Erlang C: {:.1} % wait",
            self.bounds.erlang_a_wait_s,
            self.bounds.erlang_a_abandoned * 100.0,
            self.bounds.erlang_c_waiting * 100.0
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bounds, Outcome};
    use conversation::QueueId;

    fn outcome(policy: &str, nth: f64) -> Outcome {
        let figures = |by: f64| Figures {
            customers: 100,
            abandoned: by / 100.0,
            mean_s: by * 10.0,
            p50_s: by,
            p90_s: by * 20.0,
            p99_s: by * 40.0,
            fit: 0.9,
        };
        let queues = [("billing", nth), ("care", nth + 1.0)];
        Outcome {
            policy: policy.into(),
            all: figures(nth + 0.5),
            queues: queues.map(|(queue, by)| (QueueId::new(queue).unwrap(), figures(by))).into(),
            load_spread: 0.25,
            served_spread: 7,
            occupancy: 0.75,
            foreseen: Some(0.8),
            foreseen_by_queue: Default::default(),
            foreseen_error_s: 5.0,
            decisions: 100,
        }
    }

    #[test]
    fn every_queue_is_there_under_every_policy_and_the_width_is_a_terminals() {
        let policies = crate::POLICIES.iter().zip(1u8..).map(|(name, nth)| outcome(name, f64::from(nth)));
        let report = Report {
            scenario: "a day".into(),
            seed: 1,
            advisors: 10,
            bounds: Bounds::default(),
            policies: policies.collect(),
            what_if: vec![outcome("without the technical team, and one more advisor", 6.0)],
        };
        let text = report.to_string();
        let rows = |queue: &str| {
            let rows = text.lines().filter(|line| line.split_whitespace().next() == Some(queue));
            rows.map(|line| line.split_whitespace().skip(1).collect::<Vec<_>>()).collect::<Vec<_>>()
        };
        assert_eq!(
            rows("care"),
            [
                ["20.0", "30.0", "40.0", "50.0", "60.0"],
                ["40.0", "60.0", "80.0", "100.0", "120.0"],
                ["2.00", "3.00", "4.00", "5.00", "6.00"],
                ["90", "90", "90", "90", "90"],
            ],
            "{text}"
        );
        assert_eq!(rows("billing")[0], ["10.0", "20.0", "30.0", "40.0", "50.0"]);
        assert!(text.contains("without the technical team, and"), "{text}");
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
        let svg = report.svg();
        for bar in ["40 · ours", "60 · round-robin", "100 · longest idle", "120 · random"] {
            assert!(svg.contains(bar), "{bar} is missing in {svg}");
        }
    }
}
