// relais.v1 as the pages speak of it: names and narrowings over the types generated from the server's own. Times (`at`,
// `since`, `waiting_since`, `expires_at`) are milliseconds since 1970; what ends in `_ms` is a duration in milliseconds,
// in `_s` one in seconds.

import type * as From from "./generated/from-server.ts";
import type * as To from "./generated/to-server.ts";

export type { Author, Availability, Candidate, Earlier, ErrorFrame, Evidence, GoneWhy, Me, Signal, Status } from "./generated/from-server.ts";
export type { Verdict } from "./generated/to-server.ts";
export type { PresenceFrame as Presence, QueueFrame as Queue, ReasonView as Reason } from "./generated/from-server.ts";
export type { SiteTexts as Site, WaitingFrame as Waiting, WaitSeconds as Wait } from "./generated/from-server.ts";

export type OwnerWord = From.ConversationView["owner"];
export type Role = From.Me["role"];
/** What the site has signed about the customer, or where they are: free fields, shown as text. */
export type Profile = Record<string, unknown>;

// Customer → server

export type CustomerFrame = To.CustomerFrame;
/** Frames with a `cid`: each is one event however often it is sent, and is answered by `ack` or `error`. */
export type CustomerRequest = Extract<CustomerFrame, { cid: string }>;

// Advisor → server

export type AdvisorFrame = To.AdvisorFrame;
/** What an advisor asks for. `ref` is the client's name for the request and comes back in its answer. */
export type AdvisorRequest = Exclude<AdvisorFrame, { type: "hello" }>;

// Server → both

type Typed<T extends string, F> = { type: T } & F;
type Stamp = Pick<From.EventFrame, "at" | "conversation" | "seq"> & { cid?: string };

/** What a customer sees; notes, signals, scores and reasons never are among it. */
export type CustomerEvent = Stamp & From.CustomerBody;
type OwnerBody = Extract<From.CustomerBody, { kind: "owner" }>;
type Opened = Extract<From.EventKind, { kind: "opened" }>;
/** What an advisor sees: everything but the bot's memory, a transfer with its reason in words. */
export type AdvisorEvent = Stamp &
  (
    | From.TransferBody
    | (OwnerBody & { queue?: string; advisor?: string; offers?: From.OpenOffer[] })
    | (Omit<Opened, "profile" | "page"> & { profile?: Profile; page?: Profile })
    | Exclude<From.EventKind, { kind: "transfer_requested" | "bot_moved" | "owner" | "opened" }>
  );

export type Customer = Omit<From.Customer, "profile" | "page"> & { profile?: Profile; page?: Profile };
export type ConversationView = Omit<From.ConversationView, "customer" | "events"> & { customer: Customer; events: AdvisorEvent[] };
export type Offer = Omit<From.OfferFrame, "customer" | "history"> & { customer: Customer; history: AdvisorEvent[] };
export type Snapshot = Omit<From.Snapshot, "conversations" | "offers"> & { conversations: ConversationView[]; offers: Offer[] };
export type CustomerWelcome = Typed<"welcome", From.CustomerWelcome>;
export type AdvisorWelcome = Typed<"welcome", Omit<From.AdvisorWelcome, "snapshot"> & { snapshot: Snapshot }>;

type Common = Typed<"ack", From.Ack> | Typed<"error", From.ErrorFrame>;

export type CustomerServerFrame =
  | Common
  | CustomerWelcome
  | Typed<"event", CustomerEvent>
  | Typed<"position", From.Position>
  | Typed<"availability", From.AvailabilityFrame>
  | Typed<"typing", From.TypingFrame>
  | Typed<"seen", From.SeenFrame>;

export type AdvisorServerFrame =
  | Common
  | AdvisorWelcome
  | Typed<"event", AdvisorEvent>
  | Typed<"offer", Offer>
  | Typed<"offer_gone", From.OfferGone>
  | Typed<"queue", From.QueueFrame>
  | Typed<"presence", From.PresenceFrame>
  | Typed<"conversation", ConversationView>
  | Typed<"gone", From.Gone>
  | Typed<"waiting", From.WaitingFrame>
  | Typed<"typing", From.TypingFrame & { conversation: string }>
  | Typed<"seen", From.SeenFrame & { conversation: string }>
  | Typed<"connected", From.ConnectedFrame>;
