// Written by `cargo xtask generate` from the types of crates/wire; a test holds it to them.

/** What an advisor's client may send. */
export type AdvisorFrame = 
  | ({
  /** The log's life that `seq` belongs to. */
  epoch?: string | null;
  /** The reader's language for sentences; the primary subtag counts. */
  lang?: Lang | null;
  /** Echoed by the answer, whatever it is. */
  ref?: string | null;
  /** The position in the advisor's own feed that the client has. */
  seq?: number | null;
  /** A token of `relais user token`. */
  token?: string | null;
  type: "hello";
})
  | ({
  /** Why, in a word. */
  reason?: string | null;
  /** Echoed by the answer, whatever it is. */
  ref?: string | null;
  /** The new status. */
  status: Status;
  type: "presence";
})
  | ({
  /** Which. */
  offer: OfferId;
  /** Echoed by the answer, whatever it is. */
  ref?: string | null;
  type: "accept";
})
  | ({
  /** In their own words. */
  note?: string | null;
  /** Which. */
  offer: OfferId;
  /** From the list in `welcome`. */
  reason: string;
  /** Echoed by the answer, whatever it is. */
  ref?: string | null;
  type: "decline";
})
  | ({
  /** The client's own id; the same `cid` is one event, for ever. */
  cid: Cid;
  /** To whom. */
  conversation: ConversationId;
  /** Echoed by the answer, whatever it is. */
  ref?: string | null;
  /** 1–8,000 characters. */
  text: string;
  type: "message";
})
  | ({
  /** The client's own id. */
  cid: Cid;
  /** On which conversation. */
  conversation: ConversationId;
  /** Who is meant. */
  mentions?: (AdvisorId)[];
  /** Echoed by the answer, whatever it is. */
  ref?: string | null;
  /** 1–8,000 characters. */
  text: string;
  type: "note";
})
  | ({
  /** Which. */
  conversation: ConversationId;
  /** Echoed by the answer, whatever it is. */
  ref?: string | null;
  type: "take";
})
  | ({
  /** Which. */
  conversation: ConversationId;
  /** For whoever takes it. */
  note?: string | null;
  /** Echoed by the answer, whatever it is. */
  ref?: string | null;
  /** To a queue or to a colleague. */
  to: Destination;
  type: "transfer";
})
  | ({
  /** Which. */
  conversation: ConversationId;
  /** Where in the script it goes on. */
  node?: string | null;
  /** Echoed by the answer, whatever it is. */
  ref?: string | null;
  type: "return_to_bot";
})
  | ({
  /** Which. */
  conversation: ConversationId;
  /** In their own words. */
  note?: string | null;
  /** Echoed by the answer, whatever it is. */
  ref?: string | null;
  /** The message. */
  seq: number;
  /** Which words, in Unicode scalar values. */
  span?: Span | null;
  type: "feedback";
  /** What is true. */
  verdict: Verdict;
})
  | ({
  /** Which. */
  conversation: ConversationId;
  /** From the list in `welcome`. */
  outcome: string;
  /** Echoed by the answer, whatever it is. */
  ref?: string | null;
  type: "close";
})
  | ({
  /** To whom. */
  conversation: ConversationId;
  /** Begins or ends. */
  on: boolean;
  /** Echoed by the answer, whatever it is. */
  ref?: string | null;
  type: "typing";
})
  | ({
  /** Which. */
  conversation: ConversationId;
  /** Echoed by the answer, whatever it is. */
  ref?: string | null;
  /** The last event that was read. */
  seq: number;
  type: "seen";
})
  | ({
  /** Which. */
  conversation: ConversationId;
  /** Echoed by the answer, whatever it is. */
  ref?: string | null;
  type: "open";
})
  | ({
  /** To whom. */
  advisor: AdvisorId;
  /** Which. */
  conversation: ConversationId;
  /** Echoed by the answer, whatever it is. */
  ref?: string | null;
  type: "assign";
})
  | ({
  /** Which. */
  conversation: ConversationId;
  /** Which line; else the one it came from. */
  queue?: QueueId | null;
  /** Echoed by the answer, whatever it is. */
  ref?: string | null;
  type: "requeue";
})
  | ({
  /** Which. */
  conversation: ConversationId;
  /** Echoed by the answer, whatever it is. */
  ref?: string | null;
  type: "join";
})
  | ({
  /** Which. */
  conversation: ConversationId;
  /** Echoed by the answer, whatever it is. */
  ref?: string | null;
  type: "listen";
})
  | ({
  /** Frustration of one message that transfers, 0–1. */
  peak?: number | null;
  /** Which queue. */
  queue: QueueId;
  /** Why. */
  reason: string;
  /** Echoed by the answer, whatever it is. */
  ref?: string | null;
  /** Frustration built up that transfers, 0–1. */
  trend?: number | null;
  type: "set_policy";
});

export type AdvisorId = string;

export type Cid = string;

export type ConversationId = string;

/** What a customer's client may send. */
export type CustomerFrame = 
  | ({
  /** The conversation to resume. */
  conversation?: ConversationId | null;
  /** The log's life that `seq` belongs to. */
  epoch?: string | null;
  /** A JWT in which the site vouches for who this is (RFC 7519). */
  identity?: string | null;
  /** The visitor's language, of which the primary subtag counts (`fr-CA` is `fr`); else the site's own. */
  lang?: Lang | null;
  /** Where the visitor is. */
  page?: Page | null;
  /** An earlier conversation of the same visitor, so that nobody has to explain anything twice. */
  previous?: Previous | null;
  /** The last event that the client has. */
  seq?: number | null;
  /** The site that carries the widget. */
  site: SiteId;
  /** Its token, from `welcome`. */
  token?: string | null;
  type: "hello";
})
  | {
  /** The client's own id; the same `cid` is one event, for ever. */
  cid: Cid;
  /** 1–8,000 characters. */
  text: string;
  type: "message";
}
  | {
  /** The client's own id. */
  cid: Cid;
  type: "human";
}
  | {
  /** Begins or ends. */
  on: boolean;
  type: "typing";
}
  | {
  /** The last event that was read. */
  seq: number;
  type: "seen";
}
  | ({
  /** The client's own id. */
  cid: Cid;
  /** In their own words. */
  comment?: string | null;
  /** 'Did you feel listened to', 1–5. */
  listened?: number | null;
  /** 1–5. */
  satisfaction: number;
  type: "survey";
})
  | ({
  /** E-mail address or telephone number, up to 200 characters. */
  address: string;
  /** The client's own id. */
  cid: Cid;
  /** The message itself, where it was not said before. */
  text?: string | null;
  type: "leave_message";
})
  | ({
  /** The client's own id. */
  cid: Cid;
  /** Not before that moment, in milliseconds since 1970; one that has passed is now, and one that is more than 60 days away is taken for 60 days. */
  from?: number | null;
  /** Telephone number: at least six digits, with the signs that people put between them, up to 40 characters. */
  number: string;
  /** What it is about, where it was not said before. */
  text?: string | null;
  type: "callback";
})
  | {
  /** The client's own id. */
  cid: Cid;
  type: "close";
};

/** Where a transfer goes: exactly one of the two. */
export type Destination = {
  /** A colleague. */
  advisor?: AdvisorId | null;
  /** A queue. */
  queue?: QueueId | null;
};

export type Lang = string;

export type OfferId = string;

/** The page that the widget is on. */
export type Page = {
  /** Where the visitor came from. */
  referrer?: string | null;
  /** Its title. */
  title?: string | null;
  /** Its address, without fragment. */
  url?: string | null;
};

/** Proof of an earlier conversation. */
export type Previous = {
  /** Which. */
  conversation: ConversationId;
  /** Its token. */
  token: string;
};

export type QueueId = string;

export type SiteId = string;

/** A span of a text, in Unicode scalar values. */
export type Span = {
  /** One past the last. */
  end: number;
  /** The first. */
  start: number;
};

/** What an advisor says of themselves; 'connected' is derived. */
export type Status = "available" | "away" | "offline";

/** What an advisor says of a signal. */
export type Verdict = "frustrated" | "not_frustrated" | "wrong_reason";
