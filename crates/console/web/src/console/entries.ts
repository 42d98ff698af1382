// A conversation's events as the advisor reads them: what was said, with what was heard in it, and what happened,
// in words. Steps that follow each other are gathered, so that words stay in sight.

import type { AdvisorEvent, Author, Signal, Verdict } from "../wire.ts";
import type { Conversation } from "./desk.ts";
import type { Kept } from "./feed.ts";
import { gathered } from "./marks.ts";
import { dayAndTime, named, type Texts } from "./texts/index.ts";

export type Sending = "sending" | "waiting" | "sent" | "read" | "failed";

export interface Correction {
  advisor: string;
  verdict: Verdict;
  span: [number, number] | undefined;
  note: string | undefined;
}

export interface Said {
  is: "said";
  key: string;
  seq: number | undefined;
  at: number;
  from: Author;
  name: string;
  text: string;
  mine: boolean;
  choices: string[];
  frustration: number | undefined;
  signals: readonly Signal[];
  corrections: readonly Correction[];
  /** The message that decided the transfer. */
  trigger: boolean;
  state: Sending | undefined;
  failed: (Kept & { problem: string }) | undefined;
}

export interface Noted {
  is: "noted";
  key: string;
  at: number;
  name: string;
  text: string;
  state: Sending | undefined;
}

export interface Told {
  is: "told";
  key: string;
  at: number;
  texts: string[];
}

export type Entry = Said | Noted | Told;

export interface Names {
  advisor: (id: string) => string;
  queue: (id: string) => string;
  customer: string;
  me: string;
}

export function entries(
  c: Conversation,
  outbox: readonly Kept[],
  failed: readonly (Kept & { problem: string })[],
  online: boolean,
  names: Names,
  t: Texts,
): Entry[] {
  const heard = new Map<number, { frustration: number; signals: Signal[] }>();
  const corrected = new Map<number, Correction[]>();
  for (const e of c.events) {
    if (e.kind === "analyzed") heard.set(e.of, e);
    if (e.kind !== "feedback") continue;
    const { advisor, verdict, span, note } = e;
    corrected.set(e.of, [...(corrected.get(e.of) ?? []), { advisor, verdict, span, note }]);
  }
  const result: Entry[] = [];
  for (const e of c.events) {
    if (e.kind === "message") {
      const { from, seq, at, text, choices = [] } = e;
      const mine = from === "advisor" && e.advisor === names.me;
      const name = speaker(e, mine, names, t);
      const here = heard.get(seq);
      result.push({
        is: "said",
        key: e.cid ?? `e${seq}`,
        seq,
        at,
        from,
        name,
        text,
        mine,
        choices,
        frustration: here?.frustration,
        signals: gathered(here?.signals ?? []),
        corrections: corrected.get(seq) ?? [],
        trigger: c.reason?.trigger_seq === seq,
        state: mine ? (seq <= c.seen ? "read" : "sent") : undefined,
        failed: undefined,
      });
    } else if (e.kind === "note") {
      result.push({ is: "noted", key: e.cid ?? `e${e.seq}`, at: e.at, name: names.advisor(e.advisor), text: e.text, state: undefined });
    } else {
      const text = happened(e, names, t);
      if (text === undefined) continue;
      const last = result.at(-1);
      if (last?.is === "told") last.texts.push(text);
      else result.push({ is: "told", key: `e${e.seq}`, at: e.at, texts: [text] });
    }
  }
  const state = online ? "sending" : "waiting";
  for (const kept of outbox) {
    if (kept.conversation !== c.conversation || c.events.some((e) => e.cid === kept.cid)) continue;
    result.push(own(kept, state, undefined, names, t));
  }
  for (const kept of failed) if (kept.conversation === c.conversation) result.push(own(kept, "failed", kept, names, t));
  return result;
}

function own(kept: Kept, state: Sending, failed: (Kept & { problem: string }) | undefined, names: Names, t: Texts): Entry {
  const { cid: key, at, text } = kept;
  if (kept.type === "note" && failed === undefined) return { is: "noted", key, at, name: names.advisor(names.me), text, state };
  return {
    is: "said",
    key,
    seq: undefined,
    at,
    from: "advisor",
    name: t.thread.you,
    text,
    mine: true,
    choices: [],
    frustration: undefined,
    signals: [],
    corrections: [],
    trigger: false,
    state,
    failed,
  };
}

function speaker(e: AdvisorEvent & { kind: "message" }, mine: boolean, names: Names, t: Texts): string {
  switch (e.from) {
    case "customer":
      return names.customer;
    case "bot":
      return e.name ?? t.thread.bot;
    case "advisor":
      return mine ? t.thread.you : (e.name ?? names.advisor(e.advisor ?? ""));
    case "system":
      return t.app;
  }
}

/** What happened, in a sentence; undefined for what is shown elsewhere or says nothing new. */
function happened(e: Exclude<AdvisorEvent, { kind: "message" | "note" }>, names: Names, t: Texts): string | undefined {
  switch (e.kind) {
    case "opened": {
      const title = e.page?.["title"];
      return t.told.opened(typeof title === "string" ? title : "");
    }
    case "human_asked":
      return t.told.humanAsked;
    case "message_left":
      return t.told.messageLeft(e.address);
    case "callback_asked":
      return t.told.callbackAsked(e.number, e.from === undefined ? undefined : dayAndTime(e.from));
    case "transfer_requested":
      if (e.by !== undefined) return t.told.handedOn(names.advisor(e.by), e.to === undefined ? names.queue(e.queue) : names.advisor(e.to), e.reason.sentence);
      return t.told.transfer(names.queue(e.queue), e.reason.sentence);
    case "offered":
      return t.told.offered(names.advisor(e.advisor));
    case "declined":
      return (
        t.told.offerBack[e.reason]?.(names.advisor(e.advisor)) ??
        t.told.declined(names.advisor(e.advisor), named(t.declines, e.reason), e.note ?? "")
      );
    case "assigned":
      return { taken: t.told.taken, accepted: t.told.accepted, supervisor: t.told.assigned }[e.how]?.(names.advisor(e.advisor)) ?? e.how;
    case "owner":
      // The other owners follow from the events beside them.
      return undefined;
    case "returned_to_bot":
      return e.advisor === undefined ? t.told.wentBack : t.told.returned(names.advisor(e.advisor));
    case "joined":
      return e.how === "listen" ? t.told.listens(names.advisor(e.advisor)) : t.told.joined(names.advisor(e.advisor));
    case "policy_changed":
      return t.told.policy(names.advisor(e.advisor), names.queue(e.queue), e.reason);
    case "survey_asked":
      return t.told.surveyAsked;
    case "survey_answered":
      return t.told.survey(e.satisfaction, e.listened) + (e.comment === undefined ? "" : ` — ${e.comment}`);
    case "closed":
      return t.told.closedBy[e.by] + (e.outcome === undefined ? "" : ` — ${named(t.outcomes, e.outcome)}`);
    case "analyzed":
    case "feedback":
      return undefined;
  }
}
