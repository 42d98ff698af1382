//! From events to figures: what each event adds, with the little that must be remembered between events.

use crate::series::Series;
use conversation::{Author, ClosedBy, ConversationId, Event, EventKind, Millis, Owner, ReasonCode};
use std::collections::{BTreeMap, VecDeque};

/// What is remembered of an open conversation; bounded by the number of open conversations.
#[derive(Clone, Debug, Default)]
struct Track {
    opened_at: Millis,
    /// The customer's first message that nobody has answered yet.
    unanswered: Option<Millis>,
    answered: bool,
    requested_at: Option<Millis>,
    offered_at: Option<Millis>,
    queue: Option<String>,
    advisors: u32,
    human: bool,
    stage: &'static str,
    closed_by: Option<ClosedBy>,
}

/// Takes every durable event, in order, and counts.
pub struct Derive {
    series: Series,
    tracks: BTreeMap<ConversationId, Track>,
    /// Ended without a person, and not yet judged by the customer; the oldest are forgotten.
    contained: VecDeque<ConversationId>,
}

/// Ended conversations whose survey is still waited for.
const UNJUDGED: usize = 4_096;
/// Mark of a survey from which on it confirms that no person was needed.
const CONFIRMS: u8 = 4;

fn seconds(from: Millis, to: Millis) -> f64 {
    to.saturating_sub(from) as f64 / 1_000.0
}

fn author(from: Author) -> &'static str {
    match from {
        Author::Customer => "customer",
        Author::Bot => "bot",
        Author::Advisor => "advisor",
        Author::System => "system",
    }
}

fn closer(by: ClosedBy) -> &'static str {
    match by {
        ClosedBy::Customer => "customer",
        ClosedBy::Advisor => "advisor",
        ClosedBy::Bot => "bot",
        ClosedBy::System => "system",
    }
}

fn kind(code: ReasonCode) -> &'static str {
    match code {
        ReasonCode::ExplicitRequest => "explicit",
        ReasonCode::FrustrationPeak | ReasonCode::FrustrationTrend | ReasonCode::RepeatContact => "smart",
        ReasonCode::RepeatedQuestion
        | ReasonCode::BotLoop
        | ReasonCode::BotFailure
        | ReasonCode::AdvisorLost => "suffered",
        ReasonCode::SensitiveTopic
        | ReasonCode::ScriptRule
        | ReasonCode::AdvisorRequest
        | ReasonCode::Supervisor
        | ReasonCode::QueueGone => "other",
    }
}

impl Derive {
    /// Counts into these series.
    pub fn new(series: Series) -> Derive {
        Derive { series, tracks: BTreeMap::new(), contained: VecDeque::new() }
    }

    /// An event that was durable before this start: remembered, not counted again.
    pub fn replay(&mut self, event: &Event) {
        self.step(event, false);
    }

    /// An event that has just become durable.
    pub fn event(&mut self, event: &Event) {
        self.series.events_total.inc();
        self.step(event, true);
    }

    fn step(&mut self, event: &Event, live: bool) {
        // The house's own stream is no customer's conversation.
        if event.conversation == ConversationId(0) {
            return;
        }
        let series = &self.series;
        let at = event.at;
        if let EventKind::Opened { .. } = event.kind {
            let track = Track { opened_at: at, stage: "bot", ..Track::default() };
            if self.tracks.insert(event.conversation, track).is_none() {
                series.conversations_open.inc();
            }
            if live {
                series.conversations_opened_total.inc();
            }
            return;
        }
        let Some(track) = self.tracks.get_mut(&event.conversation) else {
            // A survey or a correction after the end: counted, nothing to remember.
            if live {
                let judged = self.contained.iter().position(|known| *known == event.conversation);
                if let (EventKind::SurveyAnswered { survey }, Some(judged)) = (&event.kind, judged) {
                    self.contained.remove(judged);
                    if survey.satisfaction >= CONFIRMS {
                        series.bot_contained_total.with_label_values(&["yes"]).inc();
                    }
                }
                after_the_end(series, event);
            }
            return;
        };
        match &event.kind {
            EventKind::Message { from, .. } => {
                match from {
                    Author::Customer => {
                        track.unanswered.get_or_insert(at);
                    }
                    Author::Bot | Author::Advisor => {
                        if let Some(since) = track.unanswered.take()
                            && live
                        {
                            series.collab_response_seconds.observe(seconds(since, at));
                            if !track.answered {
                                let from = author(*from);
                                series
                                    .first_response_seconds
                                    .with_label_values(&[from])
                                    .observe(seconds(since, at));
                            }
                        }
                        track.answered = true;
                    }
                    Author::System => {}
                }
                if live {
                    series.messages_total.with_label_values(&[author(*from)]).inc();
                }
            }
            EventKind::Analyzed { frustration, .. } if live => {
                series.frustration_score.observe(f64::from(*frustration))
            }
            EventKind::TransferRequested { reason, queue, by, .. } => {
                track.requested_at.get_or_insert(at);
                track.queue = Some(queue.to_string());
                track.human = true;
                if live {
                    series.handoff_total.with_label_values(&[reason.code.as_str(), kind(reason.code)]).inc();
                    if by.is_some() {
                        series.advisor_autonomy_total.with_label_values(&["transferred"]).inc();
                        series.journey_break_total.with_label_values(&["requeue"]).inc();
                    }
                    if reason.code == ReasonCode::AdvisorLost {
                        series.journey_break_total.with_label_values(&["advisor_lost"]).inc();
                    }
                }
            }
            EventKind::Offered { .. } => track.offered_at = Some(at),
            EventKind::Declined { reason, .. } if live => {
                let outcome = match reason.as_str() {
                    "expired" => "expired",
                    "withdrawn" | "advisor_lost" => "rescinded",
                    _ => "declined",
                };
                series.offer_total.with_label_values(&[outcome]).inc();
                if outcome == "declined" {
                    series.advisor_autonomy_total.with_label_values(&["declined"]).inc();
                }
            }
            EventKind::Assigned { how, .. } => {
                if live {
                    if let (Some(since), Some(queue)) = (track.requested_at, &track.queue) {
                        series.queue_wait_seconds.with_label_values(&[queue]).observe(seconds(since, at));
                    }
                    if how == "accepted" {
                        series.offer_total.with_label_values(&["accepted"]).inc();
                        if let Some(since) = track.offered_at {
                            series.assign_latency_seconds.observe(seconds(since, at));
                        }
                    } else if how == "taken" {
                        series.advisor_autonomy_total.with_label_values(&["taken"]).inc();
                    }
                    if track.advisors > 0 {
                        series.journey_break_total.with_label_values(&["advisor_change"]).inc();
                    }
                }
                track.advisors += 1;
                track.requested_at = None;
            }
            EventKind::ReturnedToBot { advisor: Some(_), .. } if live => {
                series.handoff_returned_total.inc();
                series.advisor_autonomy_total.with_label_values(&["returned"]).inc();
            }
            EventKind::Closed { by, outcome, .. } => {
                track.closed_by = Some(*by);
                if live {
                    series.conversations_closed_total.with_label_values(&[closer(*by)]).inc();
                    series
                        .resolution_seconds
                        .with_label_values(&[closer(*by)])
                        .observe(seconds(track.opened_at, at));
                    if matches!(outcome.as_deref(), Some("abandoned" | "left")) {
                        series.abandoned_total.with_label_values(&[track.stage]).inc();
                    }
                }
            }
            EventKind::Owner { owner, .. } => {
                track.stage = owner.word();
                if *owner == Owner::Closed {
                    let contained = !track.human;
                    self.tracks.remove(&event.conversation);
                    series.conversations_open.dec();
                    if live && contained {
                        series.bot_contained_total.with_label_values(&["no"]).inc();
                        if self.contained.len() == UNJUDGED {
                            self.contained.pop_front();
                        }
                        self.contained.push_back(event.conversation);
                    }
                }
            }
            _ if live => after_the_end(series, event),
            _ => {}
        }
    }
}

fn after_the_end(series: &Series, event: &Event) {
    match &event.kind {
        EventKind::SurveyAnswered { survey } => {
            series.csat_score.observe(f64::from(survey.satisfaction));
            if let Some(listened) = survey.listened {
                series.listening_score.observe(f64::from(listened));
            }
        }
        EventKind::Feedback { verdict, .. } => {
            series.frustration_corrections_total.with_label_values(&[verdict]).inc();
            series.advisor_autonomy_total.with_label_values(&["corrected"]).inc();
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use conversation::{CustomerId, Lang, SiteId, Survey};

    fn event(seq: u64, at: Millis, kind: EventKind) -> Event {
        Event { conversation: ConversationId(9), seq, at, cid: None, kind }
    }

    #[test]
    fn a_journey_leaves_its_figures_and_no_memory() {
        let series = Series::new().unwrap();
        let mut derive = Derive::new(series.clone());
        let message = |from, text: &str| EventKind::Message {
            from,
            name: None,
            advisor: None,
            text: text.into(),
            choices: vec![],
        };
        let opened = EventKind::Opened {
            site: SiteId::new("demo").unwrap(),
            lang: Lang::new("fr").unwrap(),
            customer: CustomerId::new("anon-1").unwrap(),
            profile: None,
            page: None,
        };
        derive.event(&event(1, 0, opened));
        derive.event(&event(2, 0, message(Author::Customer, "bonjour")));
        derive.event(&event(3, 2_000, message(Author::Bot, "bonjour")));
        derive.event(&event(
            4,
            9_000,
            EventKind::Closed { by: ClosedBy::Customer, outcome: None, advisor: None },
        ));
        derive.event(&event(5, 9_000, EventKind::Owner { owner: Owner::Closed, name: None }));
        let survey = Survey { satisfaction: 5, listened: Some(4), comment: None };
        derive.event(&event(6, 9_500, EventKind::SurveyAnswered { survey }));
        let text = series.text();
        for line in [
            "relais_conversations_open 0",
            "relais_events_total 6",
            "relais_messages_total{from=\"bot\"} 1",
            "relais_first_response_seconds_sum{from=\"bot\"} 2",
            "relais_resolution_seconds_count{by=\"customer\"} 1",
            "relais_csat_score_sum 5",
            "relais_bot_contained_total{confirmed=\"no\"} 1",
            "relais_bot_contained_total{confirmed=\"yes\"} 1",
            // What has not happened is there, at 0.
            "relais_abandoned_total{stage=\"queue\"} 0",
            "relais_frustration_corrections_total{verdict=\"not_frustrated\"} 0",
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
        assert!(derive.tracks.is_empty() && derive.contained.is_empty());
    }
}
