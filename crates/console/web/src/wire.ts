// relais.v1 as types: what goes over the two sockets. One file, so that one generated from the server's own types
// can take its place. Times (`at`, `since`, `waiting_since`, `expires_at`) are milliseconds since 1970; what ends in
// `_ms` is a duration in milliseconds, in `_s` one in seconds.

export type Availability = "open" | "busy" | "closed";
export type OwnerWord = "bot" | "queue" | "offered" | "advisor" | "closed";
export type Author = "customer" | "bot" | "advisor" | "system";
export type Status = "available" | "away" | "offline";
export type Verdict = "frustrated" | "not_frustrated" | "wrong_reason";

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
  | "advisor_lost";

/** Seconds until an advisor is likely to be there; null where nothing is known. */
export interface Wait {
  low: number;
  expected: number;
  high: number;
}

/** Offsets in Unicode scalar values (code points), not in UTF-16 units. */
export interface Span {
  start: number;
  end: number;
}

/** Something heard in a message; `weight` in log-odds, negative for what calms. */
export interface Signal extends Span {
  kind: string;
  weight: number;
}

export interface Evidence extends Signal {
  seq: number;
}

export interface Reason {
  code: ReasonCode;
  trigger_seq: number | null;
  score: number;
  threshold: number;
  signals: Evidence[];
  policy: string;
  /** In the reader's language. */
  sentence: string;
  note?: string;
  quote?: string;
  at: number;
}

export interface Candidate {
  advisor: string;
  score: number;
  terms: { name: string; value: number }[];
}

// Customer → server

export interface CustomerHello {
  type: "hello";
  site: string;
  lang?: string;
  conversation?: string;
  token?: string;
  epoch?: string;
  seq?: number;
  identity?: string;
  page?: { url?: string; title?: string; referrer?: string };
  previous?: { conversation: string; token: string };
}

/** Frames with a `cid`: each is one event however often it is sent, and is answered by `ack` or `error`. */
export type CustomerRequest =
  | { type: "message"; cid: string; text: string }
  | { type: "human"; cid: string }
  | { type: "survey"; cid: string; satisfaction: number; listened?: number; comment?: string }
  | { type: "leave_message"; cid: string; address: string; text?: string }
  | { type: "close"; cid: string };

export type CustomerFrame =
  | CustomerHello
  | CustomerRequest
  | { type: "typing"; on: boolean }
  | { type: "seen"; seq: number };

// Server → customer

export interface CustomerWelcome {
  type: "welcome";
  conversation: string;
  token: string;
  epoch: string;
  seq: number;
  resumed: boolean;
  owner: OwnerWord;
  name?: string;
  availability: Availability;
  lang: string;
  site: Site;
  survey_open: boolean;
}

export interface Site {
  id: string;
  name: string;
  /** By key (`greeting`, `bot_name` …), in the welcome's language. */
  texts: Record<string, string>;
}

interface Stamp {
  conversation: string;
  seq: number;
  at: number;
  cid?: string;
}

export interface SaidEvent extends Stamp {
  kind: "message";
  from: Author;
  name?: string;
  advisor?: string;
  text: string;
  choices?: string[];
}

/** `queue`, `advisor` and `offers` come to advisors only. */
export interface OwnerEvent extends Stamp {
  kind: "owner";
  owner: OwnerWord;
  name?: string;
  queue?: string;
  advisor?: string;
  offers?: { offer: string; advisor: string; expires_at: number }[];
}

export interface SurveyAskedEvent extends Stamp {
  kind: "survey_asked";
}

export interface ClosedEvent extends Stamp {
  kind: "closed";
  by: "customer" | "advisor" | "bot" | "system";
  outcome?: string;
  advisor?: string;
}

/** What a customer sees; notes, signals, scores and reasons never are among it. */
export type CustomerEvent = SaidEvent | OwnerEvent | SurveyAskedEvent | ClosedEvent;

export type CustomerServerFrame =
  | CustomerWelcome
  | { type: "ack"; cid?: string; ref?: string; seq?: number }
  | ({ type: "event" } & CustomerEvent)
  | { type: "position"; ahead: number | null; wait_s: Wait | null }
  | { type: "availability"; availability: Availability }
  | { type: "typing"; from: Author; name?: string; on: boolean }
  | { type: "seen"; from: Author; seq: number }
  | ErrorFrame;

export interface ErrorFrame {
  type: "error";
  code: string;
  message: string;
  cid?: string;
  ref?: string;
  offer?: string;
  retry_ms?: number;
}

// Advisor → server

export interface AdvisorHello {
  type: "hello";
  token?: string;
  epoch?: string;
  seq?: number;
  lang?: string;
}

/** What an advisor asks for. `ref` is the client's name for the request and comes back in its answer. */
export type AdvisorRequest = { ref?: string } & (
  | { type: "presence"; status: Status; reason?: string }
  | { type: "accept"; offer: string }
  | { type: "decline"; offer: string; reason: string; note?: string }
  | { type: "message"; conversation: string; cid: string; text: string }
  | { type: "note"; conversation: string; cid: string; text: string; mentions?: string[] }
  | { type: "take"; conversation: string }
  | { type: "transfer"; conversation: string; to: { queue: string } | { advisor: string }; note?: string }
  | { type: "return_to_bot"; conversation: string; node?: string }
  | { type: "feedback"; conversation: string; seq: number; verdict: Verdict; span?: Span; note?: string }
  | { type: "close"; conversation: string; outcome: string }
  | { type: "typing"; conversation: string; on: boolean }
  | { type: "seen"; conversation: string; seq: number }
  | { type: "open"; conversation: string }
  | { type: "assign"; conversation: string; advisor: string }
  | { type: "requeue"; conversation: string; queue?: string }
  | { type: "join"; conversation: string }
  | { type: "listen"; conversation: string }
  | { type: "set_policy"; queue: string; peak?: number; trend?: number; reason: string }
);

export type AdvisorFrame = AdvisorHello | AdvisorRequest;

// Server → advisor

/** What the site has signed about the customer: free fields, shown as text. */
export type Profile = Record<string, unknown>;

export interface Earlier {
  conversation: string;
  at: number;
  outcome?: string;
  /** The customer's first words. */
  summary: string;
  /** The highest score heard. */
  peak: number;
  /** The advisor who had it last. */
  advisor?: string;
}

export interface Customer {
  id: string;
  /** The site has signed for who it is. */
  verified: boolean;
  profile?: Profile;
  page?: Profile;
  /** An address that they left. */
  address?: string;
  earlier: Earlier[];
}

export interface ConversationView {
  conversation: string;
  owner: OwnerWord;
  advisor?: string;
  queue?: string;
  lang: string;
  customer: Customer;
  reason?: Reason;
  waiting_since?: number;
  /** The customer is connected now. */
  connected: boolean;
  frustration: number;
  events: AdvisorEvent[];
}

export interface Offer {
  offer: string;
  conversation: string;
  queue: string;
  reason: Reason | null;
  customer: Customer;
  lang: string;
  history: AdvisorEvent[];
  /** What is left of it when the frame is sent. */
  expires_ms: number;
  waiting_since?: number;
}

export interface Queue {
  queue: string;
  name: string;
  waiting: number;
  oldest_ms: number | null;
  available: number;
  wait_s: Wait | null;
}

export type Role = "advisor" | "supervisor";

export interface Presence {
  advisor: string;
  name: string;
  role: Role;
  status: Status;
  connected: boolean;
  /** Points held or reserved, and points that they can hold. */
  held: number;
  capacity: number;
}

/** `queue` and `offered` wait; with any other owner it no longer does. */
export interface Waiting {
  conversation: string;
  owner: OwnerWord;
  queue?: string;
  advisor?: string;
  since?: number;
  reason?: Reason;
  frustration: number;
}

export interface Snapshot {
  conversations: ConversationView[];
  offers: Offer[];
  queues: Queue[];
  colleagues: Presence[];
  /** Supervisors only. */
  waiting?: Waiting[];
  declines: string[];
  outcomes: string[];
}

export interface Me {
  id: string;
  name: string;
  role: Role;
  status: Status;
  lang: string;
}

export interface AdvisorWelcome {
  type: "welcome";
  advisor: Me;
  epoch: string;
  seq: number;
  snapshot: Snapshot;
}

export type AdvisorEvent =
  | CustomerEvent
  | (Stamp &
      (
        | { kind: "opened"; site: string; lang: string; customer: string; profile?: Profile; page?: Profile }
        | { kind: "human_asked" }
        | { kind: "message_left"; address: string }
        | { kind: "analyzed"; of: number; frustration: number; trend: number; signals: Signal[]; model: string }
        | { kind: "transfer_requested"; reason: Reason; queue: string; by?: string; to?: string }
        | { kind: "offered"; offer: string; advisor: string; expires_at: number; candidates: Candidate[] }
        | { kind: "declined"; offer: string; advisor: string; reason: string; note?: string }
        | { kind: "assigned"; advisor: string; how: string; candidates: Candidate[] }
        | { kind: "note"; advisor: string; text: string; mentions?: string[] }
        | { kind: "returned_to_bot"; advisor: string; node?: string }
        | { kind: "feedback"; advisor: string; of: number; verdict: Verdict; span?: [number, number]; note?: string }
        | { kind: "joined"; advisor: string; how: string }
        | { kind: "policy_changed"; advisor: string; queue: string; policy: unknown; reason: string }
        | { kind: "survey_answered"; satisfaction: number; listened?: number; comment?: string }
      ));

export type GoneWhy = "accepted_elsewhere" | "expired" | "customer_left" | "withdrawn";

export type AdvisorServerFrame =
  | AdvisorWelcome
  | ({ type: "offer" } & Offer)
  | { type: "offer_gone"; offer: string; why: GoneWhy }
  | ({ type: "event" } & AdvisorEvent)
  | ({ type: "queue" } & Queue)
  | ({ type: "presence" } & Presence)
  | ({ type: "conversation" } & ConversationView)
  | { type: "gone"; conversation: string }
  | ({ type: "waiting" } & Waiting)
  | { type: "ack"; cid?: string; ref?: string; conversation?: string; seq?: number }
  | { type: "typing"; conversation: string; from: Author; name?: string; on: boolean }
  | { type: "seen"; conversation: string; from: Author; seq: number }
  | ErrorFrame;
