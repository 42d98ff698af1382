// A message cut into pieces where something was heard in it. Offsets are in code points, as the protocol says;
// spans may overlap: a piece then carries all that was heard there, and is marked by the strongest.

import type { Signal } from "../wire.ts";

export interface Piece {
  text: string;
  /** Indexes into the signals, the strongest first; empty for plain text. */
  signals: number[];
}

/** A signal that covers most of a message says nothing of where: it is told below the message, not marked in it. */
const WHOLE = 0.8;

export function pieces(text: string, signals: readonly Signal[]): Piece[] {
  const points = [...text];
  const marked = signals
    .map((signal, index) => ({ signal, index }))
    .filter(({ signal: { kind, start, end } }) => {
      const inside = start >= 0 && end <= points.length && start < end;
      return inside && !(kind === "wording" && (end - start) / points.length > WHOLE);
    });
  const cuts = [...new Set([0, points.length, ...marked.flatMap(({ signal }) => [signal.start, signal.end])])].sort((a, b) => a - b);
  const result: Piece[] = [];
  for (let i = 0; i + 1 < cuts.length; i++) {
    const [start, end] = [cuts[i] as number, cuts[i + 1] as number];
    const here = marked
      .filter(({ signal }) => signal.start <= start && signal.end >= end)
      .sort((a, b) => Math.abs(b.signal.weight) - Math.abs(a.signal.weight))
      .map(({ index }) => index);
    result.push({ text: points.slice(start, end).join(""), signals: here });
  }
  return result;
}

/** From this weight on, in log-odds, a turn of phrase is worth a mark of its own. */
const TELLING = 0.6;

/** What is worth telling one by one; the faint turns of phrase are summed, so that the sum of all stays the score's. */
export function gathered(signals: readonly Signal[]): Signal[] {
  const faint = (signal: Signal) => signal.kind === "wording" && signal.weight < TELLING;
  const told = signals.filter((signal) => !faint(signal));
  const weight = signals.filter(faint).reduce((sum, signal) => sum + signal.weight, 0);
  return weight === 0 ? told : [...told, { kind: "rest", weight, start: 0, end: 0 }];
}

/** The words of a span. */
export function words(text: string, span: { start: number; end: number }): string {
  return [...text].slice(span.start, span.end).join("");
}

/** How strong, in three steps, and what calms: for the style sheet. Weights are in log-odds. */
export function strength(weight: number): "calm" | "light" | "clear" | "strong" {
  if (weight < 0) return "calm";
  return weight < 0.6 ? "light" : weight < 1.4 ? "clear" : "strong";
}
