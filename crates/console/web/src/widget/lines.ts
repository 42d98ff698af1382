// What the visitor reads, line by line: events, then what is not yet an event.

import type { Author, CustomerEvent } from "../wire.ts";
import type { Failed } from "./talk.ts";
import type { Pending } from "./memory.ts";
import type { Texts } from "./texts/index.ts";

export type Sending = "sending" | "waiting" | "sent" | "failed";

export type Line =
  | {
      is: "said";
      key: string;
      from: Author;
      name: string;
      text: string;
      at: number;
      seq?: number;
      state?: Sending;
      choices?: string[];
      failed?: Failed;
      /** The last of the visitor's lines that an advisor has read. */
      seen?: boolean;
    }
  | { is: "told"; key: string; text: string };

/** `online`: what is pending is on its way; else it waits for the connection. */
export function lines(
  events: readonly CustomerEvent[],
  outbox: readonly Pending[],
  failed: readonly Failed[],
  online: boolean,
  t: Texts,
  bot: string,
): Line[] {
  const result: Line[] = [];
  for (const [index, event] of events.entries()) {
    if (event.kind === "message") {
      const { from, seq, at, text } = event;
      if (from === "system") {
        result.push({ is: "told", key: `e${seq}`, text });
        continue;
      }
      const name = from === "customer" ? t.you : (event.name ?? (from === "bot" ? bot : t.advisor));
      // A message keeps its key when it becomes an event, so that it does not blink.
      const line: Line = { is: "said", key: event.cid ?? `e${seq}`, from, name, text, at, seq };
      if (from === "customer") line.state = "sent";
      if (event.choices !== undefined && event.choices.length > 0 && isLastWord(events, index)) line.choices = event.choices;
      result.push(line);
    } else if (event.kind === "owner") {
      // The server may say it in words of its own beside it: once is enough.
      const text = event.owner !== "closed" && besideSystem(events, index) ? undefined : passed(events, index, t);
      if (text !== undefined) result.push({ is: "told", key: `e${event.seq}`, text });
    }
  }
  for (const { at, frame } of outbox) {
    if (frame.type !== "message") continue;
    if (events.some((e) => e.cid === frame.cid)) continue;
    result.push({ is: "said", key: frame.cid, from: "customer", name: t.you, text: frame.text, at, state: online ? "sending" : "waiting" });
  }
  for (const refused of failed) {
    const { at, frame } = refused;
    if (frame.type !== "message" && frame.type !== "leave_message" && frame.type !== "callback") {
      // A wish that was refused has no words of the visitor's to take back.
      result.push({ is: "told", key: frame.cid, text: refused.problem });
      continue;
    }
    const text = frame.type === "message" ? frame.text : frame.type === "callback" ? frame.number : frame.address;
    result.push({ is: "said", key: frame.cid, from: "customer", name: t.you, text, at, state: "failed", failed: refused });
  }
  return result;
}

/** Choices are answers to the last thing said, and to the bot alone. */
function isLastWord(events: readonly CustomerEvent[], index: number): boolean {
  return events.slice(index + 1).every((e) => e.kind !== "message" && e.kind !== "closed" && (e.kind !== "owner" || e.owner === "bot"));
}

function besideSystem(events: readonly CustomerEvent[], index: number): boolean {
  const system = (event: CustomerEvent | undefined) => event?.kind === "message" && event.from === "system";
  return system(events[index - 1]) || system(events[index + 1]);
}

/** The change of hands in words, where there is something new to say. */
function passed(events: readonly CustomerEvent[], index: number, t: Texts): string | undefined {
  const event = events[index];
  if (event?.kind !== "owner") return undefined;
  const before = events.slice(0, index).findLast((e) => e.kind === "owner");
  const was = before?.kind === "owner" ? before.owner : "bot";
  const waits = (word: string) => word === "queue" || word === "offered";
  switch (event.owner) {
    case "queue":
    case "offered":
      return waits(was) ? undefined : t.told.queue;
    case "advisor":
      return t.told.advisor(event.name ?? t.told.someone);
    case "bot":
      return was === "bot" ? undefined : t.told.bot;
    case "closed":
      return t.told.closed;
  }
}

/** Up to two letters for a round picture: `Inès Dupré` → `ID`. */
export function initials(name: string): string {
  const words = name.trim().split(/[\s-]+/).filter((w) => w !== "");
  return [words[0], words.length > 1 ? words.at(-1) : undefined].map((w) => [...(w ?? "")][0] ?? "").join("").toUpperCase();
}

/** Marks the last line of the visitor's that was read, if it is their last one. */
export function markSeen(all: Line[], seq: number): Line[] {
  const last = all.findLast((line) => line.is === "said" && line.from === "customer");
  if (last?.is === "said" && last.seq !== undefined && last.seq <= seq) last.seen = true;
  return all;
}
