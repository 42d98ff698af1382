// What a browser keeps of a conversation, for reloads, lost networks and other tabs: in the host page's own
// localStorage, and nothing before the visitor writes. Every write reads first: other tabs write too.

import type { CustomerRequest } from "../wire.ts";

export interface Pending {
  at: number;
  frame: CustomerRequest;
}

export interface Memory {
  conversation?: string;
  token?: string;
  /** Sent or not, and not yet answered by the server. */
  outbox: Pending[];
  draft: string;
  /** Read up to. */
  seen: number;
  /** The survey of this conversation is answered. */
  surveyed?: boolean;
  /** The address that was left in this conversation. */
  left?: string;
  /** The conversation before this one, with its token. */
  previous?: { conversation: string; token: string };
}

const EMPTY: Memory = { outbox: [], draft: "", seen: 0 };

export class Keeper {
  /** Where storage is refused (private windows, blocked cookies), memory lasts as long as the page. */
  private fallback: Memory = EMPTY;

  constructor(readonly key: string) {}

  read(): Memory {
    try {
      const text = localStorage.getItem(this.key);
      if (text === null) return this.fallback;
      const found: unknown = JSON.parse(text);
      return isMemory(found) ? found : EMPTY;
    } catch {
      return this.fallback;
    }
  }

  /** Changes some of it; `undefined` removes. */
  write(change: { [K in keyof Memory]?: Memory[K] | undefined }): Memory {
    const next = { ...this.read(), ...change } as Memory;
    for (const key of Object.keys(next) as (keyof Memory)[]) if (next[key] === undefined) delete next[key];
    this.fallback = next;
    try {
      localStorage.setItem(this.key, JSON.stringify(next));
    } catch {
      // Full or refused: the fallback has it.
    }
    return next;
  }

  forget(): void {
    this.fallback = EMPTY;
    try {
      localStorage.removeItem(this.key);
    } catch {
      // Refused: there was nothing.
    }
  }

  /** Tells when another tab has written; returns how to stop. */
  watch(changed: (memory: Memory) => void): () => void {
    const listen = (event: StorageEvent) => {
      if (event.key === this.key || event.key === null) changed(this.read());
    };
    addEventListener("storage", listen);
    return () => removeEventListener("storage", listen);
  }
}

/** Storage is not ours alone: what the host page or an old version left there must not break us. */
function isMemory(found: unknown): found is Memory {
  const memory = found as Memory | null;
  return (
    typeof memory === "object" &&
    memory !== null &&
    Array.isArray(memory.outbox) &&
    memory.outbox.every((p) => typeof p?.frame?.cid === "string") &&
    typeof memory.draft === "string" &&
    typeof memory.seen === "number"
  );
}
