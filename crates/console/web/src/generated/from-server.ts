// Written by `cargo xtask generate` from the types of crates/wire; a test holds it to them.

/** The event is durable. */
export type Ack = {
  /** The client's id of the frame. */
  cid?: Cid;
  /** The conversation, on an advisor's socket. */
  conversation?: ConversationId;
  /** The offer that was answered. */
  offer?: OfferId;
  /** The client's name of the request. */
  ref?: string;
  /** The event's place; absent where the effect is no event. */
  seq?: number;
};

/** The kinds that an advisor sees. */
export type AdvisorBody = (TransferBody | EventKind) & {
  /** The sender's own id. */
  cid?: string;
};

export type AdvisorId = string;

/** The answer to an advisor's `hello`. */
export type AdvisorWelcome = {
  /** Who one is. */
  advisor: Me;
  /** The log's life. */
  epoch: string;
  /** Position in the advisor's own feed. */
  seq: number;
  /** Everything that one may see now. */
  snapshot: Snapshot;
};

/** Who speaks. */
export type Author = 
  | "customer"
  | "bot"
  | "advisor"
  | "system";

/** Whether somebody is there. */
export type Availability = "open" | "busy" | "closed";

/** Somebody is there, or nobody. */
export type AvailabilityFrame = {
  /** The new state. */
  availability: Availability;
};

/** A wish to be called back. */
export type CallbackView = {
  /** Not before that moment, in milliseconds since 1970; absent where any is right. */
  from?: number;
};

/** An advisor that was considered, with the terms that sum to the score. */
export type Candidate = {
  /** Who. */
  advisor: AdvisorId;
  /** The sum of the terms; the highest wins. */
  score: number;
  /** The terms. */
  terms: (Term)[];
};

export type Cid = string;

/** Who ended it. */
export type ClosedBy = 
  | "customer"
  | "advisor"
  | "bot"
  | "system";

/** The customer of a conversation has a connection again, or none any more: sent to the advisors who see it live. */
export type ConnectedFrame = {
  /** Whether the customer is connected now. */
  connected: boolean;
  /** Whose conversation. */
  conversation: ConversationId;
};

export type ConversationId = string;

/** One whole conversation. */
export type ConversationView = {
  /** The advisor, where one has it. */
  advisor?: AdvisorId;
  /** Whether the customer is connected now. */
  connected: boolean;
  /** Which. */
  conversation: ConversationId;
  /** Who writes. */
  customer: Customer;
  /** Every event so far that advisors see. */
  events: (EventFrame)[];
  /** The last score heard. */
  frustration: number;
  /** The customer's language. */
  lang: Lang;
  /** Who has it. */
  owner: "bot" | "queue" | "offered" | "advisor" | "closed";
  /** The queue of the last transfer. */
  queue?: QueueId;
  /** Why it came to people, where it did. */
  reason?: ReasonView;
  /** When the present wait began. */
  waiting_since?: number;
};

/** Who writes. */
export type Customer = {
  /** An address that they left. */
  address?: string;
  /** They asked to be called back, at `address`. */
  callback?: CallbackView;
  /** Earlier conversations in short, newest first. */
  earlier: (Earlier)[];
  /** Their id. */
  id: CustomerId;
  /** The page it started on. */
  page?: unknown;
  /** What the site has signed about them. */
  profile?: unknown;
  /** Whether the site has signed for who it is. */
  verified: boolean;
};

/** The kinds that a customer sees. */
export type CustomerBody = 
  | {
  /** Answers that the bot proposes. */
  choices?: string[];
  /** The sender's own id, so that a client knows its own message. */
  cid?: Cid;
  /** Who. */
  from: Author;
  kind: "message";
  /** Name shown for a bot or a person. */
  name?: string;
  /** The words; a text node, never markup. */
  text: string;
}
  | ({
  kind: "owner";
  /** The name shown. */
  name?: string;
  /** `bot`, `queue`, `offered`, `advisor` or `closed`. */
  owner: "bot" | "queue" | "offered" | "advisor" | "closed";
})
  | {
  kind: "survey_asked";
}
  | {
  /** Who ended it. */
  by: ClosedBy;
  kind: "closed";
};

export type CustomerId = string;

/** The answer to a customer's `hello`. */
export type CustomerWelcome = {
  /** Whether somebody is there. */
  availability: Availability;
  /** The conversation. */
  conversation: ConversationId;
  /** The log's life that `seq` belongs to. */
  epoch: string;
  /** The language in which sentences come. */
  lang: Lang;
  /** The name shown for the owner. */
  name?: string;
  /** `bot`, `queue`, `offered`, `advisor` or `closed`. */
  owner: "bot" | "queue" | "offered" | "advisor" | "closed";
  /** Whether only what is missing follows; else everything from the first event follows. */
  resumed: boolean;
  /** The last event that the server has. */
  seq: number;
  /** The site's words. */
  site: SiteTexts;
  /** A survey was asked and not answered. */
  survey_open: boolean;
  /** Proves it, on a resume. */
  token: string;
};

/** An earlier conversation in short. */
export type Earlier = {
  /** The advisor who had it last. */
  advisor?: AdvisorId;
  /** When it began. */
  at: number;
  /** Which. */
  conversation: ConversationId;
  /** How it ended. */
  outcome?: string;
  /** The highest score heard. */
  peak: number;
  /** The customer's first words. */
  summary: string;
};

/** Why a frame did not have its effect. The connection stays, unless a close code follows. */
export type ErrorCode = 
  | "bad_frame"
  | "text_too_long"
  | "text_empty"
  | "slow_down"
  | "hello_first"
  | "hello_twice"
  | "unknown_site"
  | "unauthorised"
  | "forbidden"
  | "unknown_conversation"
  | "closed"
  | "conversation_full"
  | "offer_gone"
  | "not_yours"
  | "no_seat"
  | "not_there"
  | "unknown_queue"
  | "unknown_advisor"
  | "bad_value"
  | "wrong_state"
  | "full"
  | "not_durable";

/** It did not have its effect; names what it answers. */
export type ErrorFrame = {
  /** The client's id of the frame. */
  cid?: string;
  /** Why. */
  code: ErrorCode;
  /** A sentence in the reader's language. */
  message: string;
  /** The offer that the frame named. */
  offer?: OfferId;
  /** The client's name of the request. */
  ref?: string;
  /** When to try again, in milliseconds from now. */
  retry_ms?: number;
};

/** Something happened, as this side may see it. */
export type EventFrame = (CustomerBody | AdvisorBody) & {
  /** When, in milliseconds since 1970. */
  at: number;
  /** Whose. */
  conversation: ConversationId;
  /** Its place. */
  seq: number;
};

/** What happened. */
export type EventKind = 
  | {
  /** Who, as far as is known. */
  customer: CustomerId;
  kind: "opened";
  /** The customer's language. */
  lang: Lang;
  /** The page it started on. */
  page?: unknown;
  /** What the site has signed about them (name, e-mail …), shown to advisors. */
  profile?: unknown;
  /** The site. */
  site: SiteId;
}
  | {
  /** The advisor, where one wrote it. */
  advisor?: AdvisorId;
  /** Answers that the bot proposes. */
  choices?: string[];
  /** Who. */
  from: Author;
  kind: "message";
  /** Name shown for a bot or an advisor. */
  name?: string;
  /** The words. */
  text: string;
}
  | {
  kind: "human_asked";
}
  | {
  /** Where to answer: an e-mail address or a telephone number. */
  address: string;
  kind: "message_left";
}
  | {
  /** Not before that moment, where they named one: it waits from then on. */
  from?: number;
  kind: "callback_asked";
  /** Where to call: a telephone number. */
  number: string;
}
  | {
  /** 0–1, calibrated. */
  frustration: number;
  kind: "analyzed";
  /** Version of the model. */
  model: string;
  /** The message. */
  of: number;
  /** What was heard, with its spans. */
  signals: (Signal)[];
  /** Change over the last messages, −1 – 1. */
  trend: number;
}
  | {
  kind: "bot_moved";
  /** The bot's memory. */
  memory: unknown;
}
  | {
  /** Who asked, where a person did. */
  by?: AdvisorId;
  kind: "transfer_requested";
  /** To which queue. */
  queue: QueueId;
  /** Why. */
  reason: Reason;
  /** The advisor it is meant for, where one was named. */
  to?: AdvisorId;
}
  | {
  /** To whom. */
  advisor: AdvisorId;
  /** The first candidates with their terms. */
  candidates: (Candidate)[];
  /** When it lapses. */
  expires_at: number;
  kind: "offered";
  /** Its id: this event. */
  offer: OfferId;
}
  | {
  /** By whom. */
  advisor: AdvisorId;
  kind: "declined";
  /** In their own words. */
  note?: string;
  /** Which. */
  offer: OfferId;
  /** From a list; `expired` and `withdrawn` where nobody answered. */
  reason: string;
}
  | ({
  /** Who. */
  advisor: AdvisorId;
  /** The first candidates with their terms, as they were when the offer was made. */
  candidates: (Candidate)[];
  /** How: `accepted`, `taken`, `supervisor`. */
  how: "accepted" | "taken" | "supervisor";
  kind: "assigned";
})
  | ((
  | {
  owner: "bot";
}
  | {
  owner: "queue";
  /** The queue. */
  queue: QueueId;
}
  | {
  /** The open offers; never empty. */
  offers: (OpenOffer)[];
  owner: "offered";
  /** The queue that it returns to, at the head, when nobody takes it. */
  queue: QueueId;
}
  | {
  /** The advisor. */
  advisor: AdvisorId;
  owner: "advisor";
}
  | {
  owner: "closed";
}) & {
  kind: "owner";
  /** The name that the customer is shown. */
  name?: string;
})
  | {
  /** By whom. */
  advisor: AdvisorId;
  kind: "note";
  /** Who is meant. */
  mentions?: (AdvisorId)[];
  /** The words. */
  text: string;
}
  | {
  /** By whom; `None`: by the customer. */
  advisor?: AdvisorId;
  kind: "returned_to_bot";
  /** Where in the script it goes on. */
  node?: string;
}
  | ({
  /** By whom. */
  advisor: AdvisorId;
  kind: "feedback";
  /** In their own words. */
  note?: string;
  /** The message that it is about. */
  of: number;
  /** Which words, in Unicode scalar values. */
  span?: [number, number];
  /** `frustrated`, `not_frustrated` or `wrong_reason`. */
  verdict: "frustrated" | "not_frustrated" | "wrong_reason";
})
  | ({
  /** Who. */
  advisor: AdvisorId;
  /** `join` (the customer is told) or `listen`. */
  how: "join" | "listen";
  kind: "joined";
})
  | {
  /** By whom. */
  advisor: AdvisorId;
  kind: "policy_changed";
  /** What is new, as the `set_policy` frame said it. */
  policy: unknown;
  /** The queue. */
  queue: QueueId;
  /** Why. */
  reason: string;
}
  | {
  kind: "survey_asked";
}
  | {
  /** In their own words. */
  comment?: string;
  kind: "survey_answered";
  /** 'Did you feel listened to', 1–5. */
  listened?: number;
  /** 1–5. */
  satisfaction: number;
}
  | {
  /** The advisor, where one closed it. */
  advisor?: AdvisorId;
  /** Who ended it. */
  by: ClosedBy;
  kind: "closed";
  /** From a list: `resolved`, `unresolved`, `abandoned` … */
  outcome?: string;
};

/** A signal together with the message it was heard in. */
export type Evidence = {
  /** One past the last character. */
  end: number;
  /** Its kind. */
  kind: string;
  /** The message. */
  seq: number;
  /** First character of the span in that message's text, in Unicode scalar values. */
  start: number;
  /** Its contribution in log-odds. */
  weight: number;
};

/** A conversation is no longer this advisor's. */
export type Gone = {
  /** Which. */
  conversation: ConversationId;
};

/** Why an offer is no longer open. */
export type GoneWhy = 
  | "accepted_elsewhere"
  | "expired"
  | "customer_left"
  | "withdrawn";

export type Lang = string;

/** Who one is. */
export type Me = {
  /** The sign-in name. */
  id: AdvisorId;
  /** The language in which sentences come. */
  lang: Lang;
  /** The name that customers are shown. */
  name: string;
  /** `advisor` or `supervisor`. */
  role: "advisor" | "supervisor";
  /** What one has said of oneself. */
  status: Status;
};

/** A conversation is offered. */
export type OfferFrame = {
  /** Whether the customer is connected now; `connected` tells when that changes. */
  connected: boolean;
  /** What is offered. */
  conversation: ConversationId;
  /** Who writes. */
  customer: Customer;
  /** How long it stays open, in milliseconds from now. */
  expires_ms: number;
  /** Every event so far, signals included. */
  history: (EventFrame)[];
  /** The customer's language. */
  lang: Lang;
  /** The offer. */
  offer: OfferId;
  /** From which queue. */
  queue: QueueId;
  /** Why. */
  reason: ReasonView | null;
  /** When the wait began. */
  waiting_since?: number;
};

/** An offer is no longer open. */
export type OfferGone = {
  /** Which. */
  offer: OfferId;
  /** `accepted_elsewhere`, `expired`, `customer_left` or `withdrawn`. */
  why: GoneWhy;
};

export type OfferId = string;

/** An offer that was made and not yet answered. */
export type OpenOffer = {
  /** To whom. */
  advisor: AdvisorId;
  /** When it lapses. */
  expires_at: number;
  /** Its id. */
  offer: OfferId;
};

/** Where in the line, and how long; null where unknown. */
export type Position = {
  /** How many are ahead. */
  ahead: number | null;
  /** How long. */
  wait_s: WaitSeconds | null;
};

/** A colleague's presence. */
export type PresenceFrame = {
  /** Who. */
  advisor: AdvisorId;
  /** Points that they can hold. */
  capacity: number;
  /** Whether a socket of theirs is live. */
  connected: boolean;
  /** Points held or reserved. */
  held: number;
  /** The shown name. */
  name: string;
  /** `advisor` or `supervisor`. */
  role: "advisor" | "supervisor";
  /** What they said of themselves. */
  status: Status;
};

/** A queue's figures. */
export type QueueFrame = {
  /** Advisors who could take one now. */
  available: number;
  /** Its shown name. */
  name: string;
  /** How long the oldest has waited, in milliseconds. */
  oldest_ms: number | null;
  /** Which. */
  queue: QueueId;
  /** From which frustration on it gets a conversation; a supervisor's `set_policy` changes them. */
  thresholds: QueueThresholds;
  /** The wait of who comes now. */
  wait_s: WaitSeconds | null;
  /** How many wait. */
  waiting: number;
};

export type QueueId = string;

/** What transfers for frustration, 0–1. */
export type QueueThresholds = {
  /** Of one message. */
  peak: number;
  /** Built up over several. */
  trend: number;
};

/** The reason of a transfer, complete enough to be replayed and to be worded. */
export type Reason = {
  /** The cid of the frame that asked, where one did. */
  cid?: Cid;
  /** Why, in one word. */
  code: ReasonCode;
  /** What the author of the transfer wrote, or the script's own words. */
  note?: string;
  /** Version of the policy that decided. */
  policy: string;
  /** The quote of the trigger message that best shows the reason, at most [`crate::limits::QUOTE_CHARS`]. */
  quote?: string;
  /** Frustration at that moment, 0–1. */
  score: number;
  /** What was heard, strongest first, at most [`crate::limits::REASON_SIGNALS`]. */
  signals: (Evidence)[];
  /** The threshold that it passed; 1 where no threshold took part. */
  threshold: number;
  /** The message that decided, if one did. */
  trigger_seq: number | null;
};

/** Why, in one word. New codes may be added; none changes its meaning. */
export type ReasonCode = 
  | "explicit_request"
  | "frustration_peak"
  | "frustration_trend"
  | "repeated_question"
  | "bot_loop"
  | "bot_failure"
  | "repeat_contact"
  | "sensitive_topic"
  | "script_rule"
  | "advisor_request"
  | "supervisor"
  | "advisor_lost"
  | "queue_gone";

/** A reason as an advisor reads it. */
export type ReasonView = {
  /** When it was decided. */
  at: number;
  /** Why, in one word. */
  code: ReasonCode;
  /** What the author of the transfer wrote. */
  note?: string;
  /** Version of the policy that decided. */
  policy: string;
  /** The trigger message's own words. */
  quote?: string;
  /** Frustration at that moment. */
  score: number;
  /** In the reader's language. */
  sentence: string;
  /** What was heard, strongest first. */
  signals: (Evidence)[];
  /** The threshold that it passed. */
  threshold: number;
  /** The message that decided. */
  trigger_seq: number | null;
};

/** Somebody has read up to. */
export type SeenFrame = {
  /** Whose conversation, on an advisor's socket. */
  conversation?: ConversationId;
  /** `customer` or `advisor`. */
  from: Author;
  /** The last event that was read. */
  seq: number;
};

/** What the server may send. One enum for both sides: who may be sent what is the router's business, and [`crate::view`] makes the two views of an event. */
export type ServerFrame = 
  | (CustomerWelcome & {
  type: "welcome";
})
  | (AdvisorWelcome & {
  type: "welcome";
})
  | (Ack & {
  type: "ack";
})
  | (EventFrame & {
  type: "event";
})
  | (Position & {
  type: "position";
})
  | (TypingFrame & {
  type: "typing";
})
  | (SeenFrame & {
  type: "seen";
})
  | (ErrorFrame & {
  type: "error";
})
  | (AvailabilityFrame & {
  type: "availability";
})
  | (OfferFrame & {
  type: "offer";
})
  | (OfferGone & {
  type: "offer_gone";
})
  | (QueueFrame & {
  type: "queue";
})
  | (PresenceFrame & {
  type: "presence";
})
  | (ConversationView & {
  type: "conversation";
})
  | (ConnectedFrame & {
  type: "connected";
})
  | (Gone & {
  type: "gone";
})
  | (WaitingFrame & {
  type: "waiting";
});

/** Something heard in one message, with where it stands. */
export type Signal = {
  /** One past the last character of the span. */
  end: number;
  /** Its kind, from the analyzer's closed list (`repeated_contact`, `annoyance` …). */
  kind: string;
  /** First character of the span, in Unicode scalar values. */
  start: number;
  /** Its contribution to the score, in log-odds; negative for what calms. */
  weight: number;
};

export type SiteId = string;

/** What a site says. */
export type SiteTexts = {
  /** Its id. */
  id: SiteId;
  /** Its shown name. */
  name: string;
  /** Texts by key (`greeting`, `bot_name` …), in the welcome's language. */
  texts: {
    [name: string]: string;
  };
};

/** Everything that an advisor may see now. */
export type Snapshot = {
  /** Everybody's presence. */
  colleagues: (PresenceFrame)[];
  /** One's own conversations, whole. */
  conversations: (ConversationView)[];
  /** The reasons with which an offer may be declined. */
  declines: string[];
  /** One's own open offers. */
  offers: (OfferFrame)[];
  /** The outcomes with which a conversation may be closed. */
  outcomes: string[];
  /** Every queue's figures. */
  queues: (QueueFrame)[];
  /** Supervisor: who waits, and why. */
  waiting?: (WaitingFrame)[];
};

/** What an advisor says of themselves; 'connected' is derived. */
export type Status = "available" | "away" | "offline";

/** One term of a candidate's score. */
export type Term = {
  /** Its name (`fit`, `load`, `idle` …). */
  name: string;
  /** What it adds to the score, its weight included. */
  value: number;
};

/** `transfer_requested`, with its reason in words. */
export type TransferBody = {
  /** Who asked, where a person did. */
  by?: AdvisorId;
  /** Always `transfer_requested`. */
  kind: TransferKind;
  /** To which queue. */
  queue: QueueId;
  /** Why, with its sentence. */
  reason: ReasonView;
  /** The advisor it is meant for, where one was named. */
  to?: AdvisorId;
};

/** The one value of [`TransferBody::kind`]. */
export type TransferKind = "transfer_requested";

/** Somebody is writing, or no longer. */
export type TypingFrame = {
  /** Whose conversation, on an advisor's socket. */
  conversation?: ConversationId;
  /** `customer`, `advisor` or `bot`. */
  from: Author;
  /** The name shown. */
  name?: string;
  /** Begins or ends. */
  on: boolean;
};

/** A wait, in seconds. */
export type WaitSeconds = {
  /** The mean. */
  expected: number;
  /** One in ten waits more. */
  high: number;
  /** One in ten waits less. */
  low: number;
};

/** Supervisor: one who waits, and why; `owner` tells when they no longer do. */
export type WaitingFrame = {
  /** With whom: the offer's or the conversation's advisor. */
  advisor?: AdvisorId;
  /** Which. */
  conversation: ConversationId;
  /** The last score heard. */
  frustration: number;
  /** Who has it now: `queue` and `offered` wait, everything else does not. */
  owner: "bot" | "queue" | "offered" | "advisor" | "closed";
  /** In which queue. */
  queue?: QueueId;
  /** Why. */
  reason?: ReasonView;
  /** Since when. */
  since?: number;
};
