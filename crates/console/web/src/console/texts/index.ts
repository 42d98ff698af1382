// The console's languages. A text that one of them lacks is a compile error.

import { computed, effect, signal } from "@preact/signals";
import { recall, remember } from "../storage.ts";
import { en } from "./en.ts";
import { fr } from "./fr.ts";

export type Texts = typeof fr;
export type Lang = "fr" | "en";
export const LANGS: Record<Lang, { name: string; texts: Texts }> = { fr: { name: "Français", texts: fr }, en: { name: "English", texts: en } };

function isLang(text: string): text is Lang {
  return Object.hasOwn(LANGS, text);
}

function wish(): Lang {
  const kept = recall("lang", "");
  if (isLang(kept)) return kept;
  const primary = navigator.language.split("-")[0] ?? "";
  return isLang(primary) ? primary : "en";
}

export const lang = signal<Lang>(wish());
/** The texts in the reader's language; a component that reads it is drawn again when the language changes. */
export const texts = computed(() => LANGS[lang.value].texts);

effect(() => {
  document.documentElement.lang = lang.value;
});

export function choose(next: Lang): void {
  lang.value = next;
  remember("lang", next);
}

/** A name for a word of a configured list: the translation where there is one, else the word, made readable. */
export function named(names: Record<string, string>, word: string): string {
  return Object.hasOwn(names, word) ? (names[word] as string) : word.replaceAll("_", " ");
}

export function percent(share: number): number {
  return Math.round(share * 100);
}

export function number(value: number, digits = 2): string {
  return new Intl.NumberFormat(lang.value, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value).replace("-", "\u2212");
}

/** With its sign, for what adds and what takes away. */
export function signed(value: number, digits = 1): string {
  const written = new Intl.NumberFormat(lang.value, { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: "exceptZero" }).format(value);
  return written.replace("-", "\u2212");
}

export function time(at: number): string {
  return new Intl.DateTimeFormat(lang.value, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
}

/** The day, and the time where it is today's. */
/** A moment to come: its day and its time. */
export function dayAndTime(at: number): string {
  const form = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  return new Intl.DateTimeFormat(lang.value, form).format(at);
}

export function moment(at: number): string {
  const today = new Date().toDateString() === new Date(at).toDateString();
  return today ? time(at) : new Intl.DateTimeFormat(lang.value, { day: "numeric", month: "short", year: "numeric" }).format(at);
}

export function day(at: number): string {
  return new Intl.DateTimeFormat(lang.value, { weekday: "long", day: "numeric", month: "long" }).format(at);
}
