//! The report as a drawing: waits and those who gave up, policy by policy, and by queue.

use crate::names::in_lines;
use crate::report::{Figures, Outcome, Report};
use conversation::QueueId;
use std::fmt::Write;

const BAR: f64 = 14.0;
const LEFT: f64 = 250.0;
const WIDTH: f64 = 460.0;
const GAP: f64 = 150.0;
const SMALL: f64 = 160.0;

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

impl Report {
    /// An SVG document.
    pub fn svg(&self) -> String {
        let rows: Vec<(&str, &Figures)> = std::iter::once(("bound: one pool", &self.bounds.pooled))
            .chain(self.policies.iter().chain(&self.what_if).map(|o: &Outcome| (&*o.policy, &o.all)))
            .collect();
        let longest = rows.iter().map(|(_, f)| f.p99_s).fold(1.0, f64::max);
        let most = rows.iter().map(|(_, f)| f.abandoned).fold(0.001, f64::max);
        let row = BAR * 3.0 + 22.0;
        let below = 90.0 + row * rows.len() as f64 + 30.0;
        let group = BAR * self.policies.len() as f64 + 14.0;
        let height = below + self.queues().count() as f64 * group + 20.0;
        let total = LEFT + WIDTH + GAP + SMALL + 70.0;
        let mut svg = String::new();
        let _ = write!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {total:.0} {height:.0}\" \
             font-family=\"system-ui, sans-serif\" font-size=\"13\" role=\"img\" aria-label=\"{0}\">\
             <title>{0}</title><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\
             <text x=\"20\" y=\"30\" font-size=\"17\" font-weight=\"600\">{0}</text>",
            escaped(&self.scenario)
        );
        let customers = self.policies.first().map_or(0, |ours| ours.all.customers);
        let _ = write!(
            svg,
            "<text x=\"20\" y=\"52\" fill=\"#555\">{} advisors, {customers} conversations, seed {}</text>\
             <text x=\"{LEFT}\" y=\"76\" fill=\"#555\">wait in seconds: half, 9 in 10, 99 in 100</text>\
             <text x=\"{:.0}\" y=\"76\" fill=\"#555\">gave up</text>",
            self.advisors,
            self.seed,
            LEFT + WIDTH + GAP
        );
        for (n, (name, figures)) in rows.iter().enumerate() {
            let y = 90.0 + row * n as f64;
            let lines = in_lines(name);
            for (k, line) in lines.iter().enumerate() {
                let middle = k as f64 - (lines.len() - 1) as f64 / 2.0;
                let _ = write!(
                    svg,
                    "<text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                    LEFT - 12.0,
                    y + BAR * (2.0 + middle * 1.1),
                    escaped(line)
                );
            }
            let waits = [(figures.p50_s, "#9ecae1"), (figures.p90_s, "#4292c6"), (figures.p99_s, "#08519c")];
            for (k, (seconds, colour)) in waits.into_iter().enumerate() {
                bar(
                    &mut svg,
                    LEFT,
                    y + BAR * k as f64,
                    seconds / longest * WIDTH,
                    colour,
                    &format!("{seconds:.0}"),
                );
            }
            let percent = format!("{:.2} %", figures.abandoned * 100.0);
            let length = figures.abandoned / most * SMALL;
            bar(&mut svg, LEFT + WIDTH + GAP, y + BAR, length, "#d94801", &percent);
        }
        self.bars_by_queue(&mut svg, below, group);
        svg.push_str("</svg>\n");
        svg
    }

    fn queues(&self) -> impl Iterator<Item = &QueueId> {
        self.policies.first().into_iter().flat_map(|ours| ours.queues.keys())
    }

    /// What 9 in 10 of each queue's customers waited no longer than, policy by policy.
    fn bars_by_queue(&self, svg: &mut String, top: f64, group: f64) {
        let p90 = |outcome: &Outcome, queue| outcome.queues.get(queue).map_or(0.0, |of| of.p90_s);
        let all = self.queues().flat_map(|queue| self.policies.iter().map(move |of| p90(of, queue)));
        let longest = all.fold(1.0, f64::max);
        let _ = write!(
            svg,
            "<text x=\"{LEFT}\" y=\"{:.1}\" fill=\"#555\">by queue, in seconds: 9 in 10 wait no longer</text>",
            top - 10.0
        );
        for (n, queue) in self.queues().enumerate() {
            let y = top + group * n as f64;
            let _ = write!(
                svg,
                "<text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 12.0,
                y + group / 2.0 - 3.0,
                escaped(queue.as_str())
            );
            for (k, policy) in self.policies.iter().enumerate() {
                let seconds = p90(policy, queue);
                let colour = if k == 0 { "#4292c6" } else { "#c6dbef" };
                let label = format!("{seconds:.0} · {}", escaped(&policy.policy));
                bar(svg, LEFT, y + BAR * k as f64, seconds / longest * WIDTH, colour, &label);
            }
        }
    }
}

fn bar(svg: &mut String, x: f64, y: f64, length: f64, colour: &str, label: &str) {
    let _ = write!(
        svg,
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{colour}\"/>\
         <text x=\"{:.1}\" y=\"{:.1}\" font-size=\"11\">{label}</text>",
        length.max(1.0),
        BAR - 2.0,
        x + length.max(1.0) + 5.0,
        y + BAR - 4.0
    );
}
