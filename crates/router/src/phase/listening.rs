//! Every customer's message, whatever the phase: it becomes an event, is listened to, and what was heard becomes one
//! as well.

use crate::live::Live;
use crate::router::Router;
use crate::turn::Turn;
use analyzer::{Analysis, Analyzer, Context, Replier};
use conversation::{
    Author, Cid, Event, EventKind, Evidence, Lang, Owner, Reason, ReasonCode, Seq, Signal, limits,
};
use std::sync::Arc;

/// What a message led to.
pub(crate) struct Heard {
    pub seq: Seq,
    pub analysis: Analysis,
}

impl Router {
    /// B: from here on another analyzer listens. What was heard stays as it is; what it remembers of a conversation
    /// (counts and levels) goes on.
    pub fn set_analyzer(&mut self, analyzer: Arc<Analyzer>) {
        self.analyzer = analyzer;
    }
}

impl Turn<'_> {
    /// The first act of a conversation makes it real: from here on it is stored.
    pub fn begin(&mut self, live: &mut Live, first_words: Option<&str>) {
        if live.state.is_some() {
            return;
        }
        if !live.opening.lang_chosen
            && let (Some(words), Some(site)) = (first_words, self.house.sites.get(&live.opening.site))
        {
            let heard = self.analyzer.customer_turn(&mut Context::default(), words, None, None).lang;
            live.opening.lang = site.language(Lang::new(&heard).ok().as_ref());
        }
        let opening = live.opening.clone();
        let kind = EventKind::Opened {
            site: opening.site,
            lang: opening.lang,
            customer: opening.customer,
            profile: opening.profile,
            page: opening.page,
        };
        self.append(live, None, kind);
    }

    /// A customer's words become an event and are listened to.
    pub fn hear(&mut self, live: &mut Live, cid: Cid, text: String) -> Heard {
        self.begin(live, Some(&text));
        let mut context = self.context(live);
        let lang = live.lang().clone();
        let analysis = self.analyzer.customer_turn(&mut context, &text, Some(lang.as_str()), Some(self.now));
        live.context = Some(context);
        let message = EventKind::Message {
            from: Author::Customer,
            name: None,
            advisor: None,
            text,
            choices: Vec::new(),
        };
        let seq = self.append(live, Some(cid), message);
        let signals = analysis
            .signals
            .iter()
            .map(|heard| Signal {
                kind: heard.kind.as_str().to_owned(),
                weight: heard.weight,
                start: heard.start,
                end: heard.end,
            })
            .collect();
        let analyzed = EventKind::Analyzed {
            of: seq,
            frustration: analysis.frustration,
            trend: analysis.trend,
            signals,
            model: self.analyzer.model_version().to_owned(),
        };
        self.append(live, None, analyzed);
        Heard { seq, analysis }
    }

    /// What the analyzer remembers, rebuilt from the events where it was let go: replay reads what was decided,
    /// and only the memory for the next message is made again.
    pub fn context(&self, live: &mut Live) -> Box<Context> {
        if let Some(context) = live.context.take() {
            return context;
        }
        let mut context =
            Box::new(Context::with_earlier_contacts(live.earlier.len().min(usize::from(u16::MAX)) as u16));
        let lang = live.lang().clone();
        for event in &live.events {
            self.remember(&mut context, event, &lang);
        }
        context
    }

    fn remember(&self, context: &mut Context, event: &Event, lang: &Lang) {
        match &event.kind {
            EventKind::Message { from: Author::Customer, text, .. } => {
                self.analyzer.customer_turn(context, text, Some(lang.as_str()), Some(event.at));
            }
            EventKind::Message { from: Author::Bot, text, .. } => {
                self.analyzer.reply_turn(context, Replier::Bot, text, Some(event.at), true);
            }
            EventKind::Message { from: Author::Advisor, text, .. } => {
                self.analyzer.reply_turn(context, Replier::Advisor, text, Some(event.at), true);
            }
            EventKind::TransferRequested { .. } => context.transferred(),
            _ => {}
        }
    }

    /// Tells the analyzer that somebody answered.
    pub fn replied(&mut self, live: &mut Live, who: Replier, text: &str, understood: bool) {
        let mut context = self.context(live);
        self.analyzer.reply_turn(&mut context, who, text, Some(self.now), understood);
        live.context = Some(context);
    }

    /// The reason that listening gives for a transfer, if it gives one (law 11).
    pub fn heard_reason(&self, live: &Live, heard: &Heard) -> Option<Reason> {
        let context = live.context.as_deref()?;
        let queue =
            self.house.queue_or_default(self.house.sites.get(&live.opening.site).map(|site| &site.queue));
        let thresholds = self.house.queues.get(&queue).map(|queue| &queue.thresholds)?;
        let trigger = analyzer::transfer(context, &heard.analysis, thresholds)?;
        let code = ReasonCode::ALL.into_iter().find(|code| code.as_str() == trigger.code)?;
        Some(self.reason(live, code, Some(heard), trigger.threshold))
    }

    /// A reason with the evidence of the message that led to it.
    pub fn reason(&self, live: &Live, code: ReasonCode, heard: Option<&Heard>, threshold: f32) -> Reason {
        let mut signals: Vec<Evidence> = heard
            .map(|heard| {
                let evidence = |signal: &analyzer::Heard| Evidence {
                    kind: signal.kind.as_str().to_owned(),
                    weight: signal.weight,
                    seq: heard.seq,
                    start: signal.start,
                    end: signal.end,
                };
                heard.analysis.signals.iter().map(evidence).collect()
            })
            .unwrap_or_default();
        signals.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        signals.truncate(limits::REASON_SIGNALS);
        let quote = heard.and_then(|heard| quote(live, heard.seq, signals.first()));
        Reason {
            code,
            trigger_seq: heard.map(|heard| heard.seq),
            score: heard.map_or_else(
                || live.state.as_ref().map_or(0.0, |state| state.frustration),
                |heard| heard.analysis.frustration,
            ),
            threshold,
            signals,
            policy: self.house.version.clone(),
            note: None,
            quote,
            cid: None,
        }
    }

    /// Whether the bot has the floor.
    pub fn bot_has_it(&self, live: &Live) -> bool {
        live.state.as_ref().is_none_or(|state| state.owner == Owner::Bot)
    }
}

/// The message's words, cut around the strongest signal where they are too many.
fn quote(live: &Live, seq: Seq, strongest: Option<&Evidence>) -> Option<String> {
    let text =
        live.events.iter().rev().find(|event| event.seq == seq).and_then(|event| match &event.kind {
            EventKind::Message { text, .. } => Some(text),
            _ => None,
        })?;
    let chars: Vec<char> = text.trim().chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    if chars.len() <= limits::QUOTE_CHARS {
        return Some(chars.into_iter().collect());
    }
    let centre = strongest.map_or(0, |signal| ((signal.start + signal.end) / 2) as usize);
    let room = limits::QUOTE_CHARS - 2;
    let start = centre.saturating_sub(room / 2).min(chars.len() - room);
    let mut cut: String = chars[start..start + room].iter().collect();
    if start > 0 {
        cut.insert(0, '…');
    }
    if start + room < chars.len() {
        cut.push('…');
    }
    Some(cut)
}
