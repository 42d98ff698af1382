//! Every series, in one table.

use prometheus::{
    Encoder, Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, TextEncoder,
};

/// Waits of people, in seconds.
const WAITS: [f64; 12] = [0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0];
/// Work of the machine, in seconds.
const WORK: [f64; 12] =
    [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.25, 1.0, 5.0];
/// Handling of a conversation, in seconds.
const HANDLING: [f64; 10] = [30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0];
/// Scores between 0 and 1.
const SCORES: [f64; 10] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
/// Marks of a survey.
const MARKS: [f64; 5] = [1.0, 2.0, 3.0, 4.0, 5.0];

macro_rules! series {
    ($($name:ident: $type:ident = $make:expr, $doc:literal;)*) => {
        /// Every series. Cloning shares them.
        #[derive(Clone)]
        pub struct Series {
            registry: Registry,
            $(#[doc = $doc] pub $name: $type,)*
        }

        impl Series {
            /// A fresh set, all zero.
            ///
            /// # Errors
            /// A name that is registered twice or not a metric's: a defect, found by the first test.
            pub fn new() -> Result<Series, prometheus::Error> {
                let registry = Registry::new();
                $(let $name = { let make: fn(&str, &str) -> Result<$type, prometheus::Error> = $make;
                    make(concat!("relais_", stringify!($name)), $doc)? };
                  registry.register(Box::new($name.clone()))?;)*
                Ok(Series { registry, $($name,)* }.begin())
            }
        }
    };
}

fn counters(name: &str, help: &str, labels: &[&str]) -> Result<IntCounterVec, prometheus::Error> {
    IntCounterVec::new(Opts::new(name, help), labels)
}

fn histogram(name: &str, help: &str, buckets: &[f64]) -> Result<Histogram, prometheus::Error> {
    Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets.to_vec()))
}

fn histograms(
    name: &str,
    help: &str,
    buckets: &[f64],
    labels: &[&str],
) -> Result<HistogramVec, prometheus::Error> {
    HistogramVec::new(HistogramOpts::new(name, help).buckets(buckets.to_vec()), labels)
}

series! {
    queue_waiting: IntGaugeVec = |n, h| IntGaugeVec::new(Opts::new(n, h), &["queue"]), "Conversations that wait for an advisor.";
    queue_available_advisors: IntGaugeVec = |n, h| IntGaugeVec::new(Opts::new(n, h), &["queue"]), "Advisors who could take a conversation of the queue now.";
    queue_oldest_wait_seconds: GaugeVec = |n, h| GaugeVec::new(Opts::new(n, h), &["queue"]), "How long the oldest conversation of the queue has waited.";
    queue_wait_seconds: HistogramVec = |n, h| histograms(n, h, &WAITS, &["queue"]), "Wait from the transfer to an advisor's acceptance.";
    ewt_error_seconds: HistogramVec = |n, h| histograms(n, h, &WAITS, &["queue", "priority"]), "Absolute difference between the wait that a customer was told first and the wait that it was until an advisor had them; priority: the request's, 0 to 9.";
    ewt_interval_total: IntCounterVec = |n, h| counters(n, h, &["queue", "priority", "ended"]), "Waits of which a customer was told an interval, by where they ended: below, inside, above it; 80 % inside are aimed at; priority: the request's, 0 to 9.";
    offer_total: IntCounterVec = |n, h| counters(n, h, &["outcome"]), "Offers by outcome: accepted, declined, expired, rescinded.";
    assign_latency_seconds: Histogram = |n, h| histogram(n, h, &WAITS), "From an offer to its acceptance.";
    handoff_total: IntCounterVec = |n, h| counters(n, h, &["reason", "kind"]), "Transfers to people by reason; kind: explicit (asked for), smart (heard in time), suffered (after the bot failed or the advisor was lost), other.";
    handoff_returned_total: IntCounter = |n, h| IntCounter::new(n, h), "Conversations that advisors gave back to the bot.";
    journey_break_total: IntCounterVec = |n, h| counters(n, h, &["kind"]), "Breaks in a customer's journey: requeue, advisor_change, advisor_lost.";
    frustration_score: Histogram = |n, h| histogram(n, h, &SCORES), "Frustration heard in customers' messages, 0 to 1.";
    frustration_corrections_total: IntCounterVec = |n, h| counters(n, h, &["verdict"]), "Advisors' corrections and confirmations of what was heard.";
    analyzer_version_info: IntGaugeVec = |n, h| IntGaugeVec::new(Opts::new(n, h), &["model"]), "The analyzer's model; the value is 1.";
    abandoned_total: IntCounterVec = |n, h| counters(n, h, &["stage"]), "Conversations that customers left, by where they were.";
    first_response_seconds: HistogramVec = |n, h| histograms(n, h, &WAITS, &["from"]), "From the customer's first message to the first answer, by who answered.";
    collab_response_seconds: Histogram = |n, h| histogram(n, h, &WAITS), "From a customer's message to the next answer by anybody.";
    resolution_seconds: HistogramVec = |n, h| histograms(n, h, &HANDLING, &["by"]), "From the opening to the end, by who ended it.";
    bot_contained_total: IntCounterVec = |n, h| counters(n, h, &["confirmed"]), "Conversations that ended without a person (confirmed=no), and those of them that a survey of 4 or 5 confirmed (confirmed=yes).";
    csat_score: Histogram = |n, h| histogram(n, h, &MARKS), "Satisfaction that customers state, 1 to 5.";
    listening_score: Histogram = |n, h| histogram(n, h, &MARKS), "Feeling listened to that customers state, 1 to 5.";
    advisor_autonomy_total: IntCounterVec = |n, h| counters(n, h, &["action"]), "What advisors chose themselves: declined, taken, transferred, returned, corrected.";
    conversations_open: IntGauge = |n, h| IntGauge::new(n, h), "Conversations that are open.";
    conversations_opened_total: IntCounter = |n, h| IntCounter::new(n, h), "Conversations that were opened.";
    conversations_closed_total: IntCounterVec = |n, h| counters(n, h, &["by"]), "Conversations that ended, by who ended them.";
    messages_total: IntCounterVec = |n, h| counters(n, h, &["from"]), "Messages by who wrote them.";
    events_total: IntCounter = |n, h| IntCounter::new(n, h), "Events that are durable.";
    append_seconds: Histogram = |n, h| histogram(n, h, &WORK), "Time that one batch takes to become durable.";
    append_batch_events: Histogram = |n, h| histogram(n, h, &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1_024.0]), "Events in one batch.";
    errors_total: IntCounterVec = |n, h| counters(n, h, &["code"]), "Frames that were answered with an error, by its code.";
    ws_resume_total: IntCounterVec = |n, h| counters(n, h, &["outcome"]), "Customers' hellos: fresh, resumed, resynced.";
    log_ready: IntGauge = |n, h| IntGauge::new(n, h), "1 while the event log takes events, 0 once a write has failed.";
    start_time_seconds: Gauge = |n, h| Gauge::new(n, h), "When the process started, in seconds since 1970.";
}

impl Series {
    /// Every label that comes from a closed set, at 0: a counter that appears with its first occurrence hides it from
    /// `increase()`, and "never" cannot be told from "not there".
    fn begin(self) -> Series {
        let sets: [(&IntCounterVec, &[&str]); 8] = [
            (&self.offer_total, &["accepted", "declined", "expired", "rescinded"]),
            (&self.journey_break_total, &["requeue", "advisor_change", "advisor_lost"]),
            (&self.frustration_corrections_total, &["frustrated", "not_frustrated", "wrong_reason"]),
            (&self.abandoned_total, &["bot", "queue", "offered", "advisor"]),
            (&self.bot_contained_total, &["no", "yes"]),
            (&self.advisor_autonomy_total, &["declined", "taken", "transferred", "returned", "corrected"]),
            (&self.conversations_closed_total, &["customer", "advisor", "bot", "system"]),
            (&self.messages_total, &["customer", "bot", "advisor", "system"]),
        ];
        for (series, labels) in sets {
            for label in labels {
                series.with_label_values(&[*label]).inc_by(0);
            }
        }
        self
    }

    /// A wait has ended with an advisor: in which queue, with which priority (0–9), what was told of it (the interval's
    /// lower end, its middle, its upper end, in seconds), and what it was, in seconds.
    pub fn estimate_ended(&self, queue: &str, priority: u8, told: [u32; 3], was_s: f64) {
        // A closed set, whatever comes: ten for each queue.
        let priority = priority.min(9).to_string();
        let [low, expected, high] = told.map(f64::from);
        let labels = [queue, priority.as_str()];
        self.ewt_error_seconds.with_label_values(&labels).observe((expected - was_s).abs());
        let counts = |ended: &str| self.ewt_interval_total.with_label_values(&[queue, &priority, ended]);
        // What is told is in whole seconds.
        let was = was_s.round();
        let here = if was < low {
            "below"
        } else if was > high {
            "above"
        } else {
            "inside"
        };
        for ended in ["below", "inside", "above"] {
            counts(ended).inc_by(u64::from(ended == here));
        }
    }

    /// The text that Prometheus reads.
    pub fn text(&self) -> String {
        let mut buffer = Vec::new();
        // Writing into memory cannot fail; a family that cannot be encoded is left out of the text.
        let _ = TextEncoder::new().encode(&self.registry.gather(), &mut buffer);
        String::from_utf8(buffer).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_are_judged_by_queue_and_priority() {
        let series = Series::new().unwrap();
        series.estimate_ended("care", 0, [10, 30, 60], 34.0);
        series.estimate_ended("care", 0, [10, 30, 60], 9.4);
        series.estimate_ended("care", 0, [10, 30, 60], 60.4);
        series.estimate_ended("care", 2, [10, 30, 60], 90.5);
        let text = series.text();
        for line in [
            "relais_ewt_error_seconds_count{priority=\"0\",queue=\"care\"} 3",
            "relais_ewt_error_seconds_sum{priority=\"0\",queue=\"care\"} 55",
            "relais_ewt_error_seconds_bucket{priority=\"2\",queue=\"care\",le=\"60\"} 0",
            "relais_ewt_error_seconds_bucket{priority=\"2\",queue=\"care\",le=\"120\"} 1",
            "relais_ewt_interval_total{ended=\"inside\",priority=\"0\",queue=\"care\"} 2",
            "relais_ewt_interval_total{ended=\"below\",priority=\"0\",queue=\"care\"} 1",
            "relais_ewt_interval_total{ended=\"above\",priority=\"0\",queue=\"care\"} 0",
            "relais_ewt_interval_total{ended=\"above\",priority=\"2\",queue=\"care\"} 1",
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
    }
}
