// The widget's languages. A text that one of them lacks is a compile error.

import { en } from "./en.ts";
import { fr } from "./fr.ts";

export type Texts = typeof fr;

const languages: Record<string, Texts> = { fr, en };

/** The primary subtag of the first of `wishes` that exists (`fr-CA` → `fr`); else English. */
export function language(...wishes: (string | null | undefined)[]): string {
  for (const wish of wishes) {
    const primary = wish?.toLowerCase().split("-")[0] ?? "";
    if (Object.hasOwn(languages, primary)) return primary;
  }
  return "en";
}

export function texts(lang: string): Texts {
  return languages[lang] ?? en;
}
