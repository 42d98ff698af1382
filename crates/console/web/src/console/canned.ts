// Replies that are written once: a few come along, each advisor may change them on their own computer.

import { computed, signal } from "@preact/signals";
import { recall, remember } from "./storage.ts";
import type { Lang } from "./texts/index.ts";

export interface Canned {
  name: string;
  lang: Lang;
  text: string;
}

export const SHIPPED: readonly Canned[] = [
  { lang: "fr", name: "bonjour", text: "Bonjour {client}, j’ai lu tout votre échange : vous n’avez rien à répéter. Je m’en occupe tout de suite." },
  { lang: "fr", name: "excuses", text: "Je comprends votre agacement, et vous avez raison de nous le dire. Je vous présente nos excuses ; voici ce que je fais maintenant :" },
  { lang: "fr", name: "patience", text: "Je vérifie et je reviens vers vous dans quelques minutes. Vous pouvez fermer cette fenêtre : la conversation vous attendra." },
  { lang: "fr", name: "numero", text: "Pouvez-vous me donner votre numéro de commande ? Il est dans l’e-mail de confirmation." },
  { lang: "fr", name: "merci", text: "Merci de votre patience. Y a-t-il autre chose que je puisse faire pour vous ?" },
  { lang: "fr", name: "fin", text: "Je vous souhaite une bonne journée. Si quoi que ce soit revient, écrivez-nous : nous aurons toute notre conversation sous les yeux." },
  { lang: "en", name: "hello", text: "Hello {client}, I have read the whole exchange: you do not have to repeat anything. I am on it." },
  { lang: "en", name: "sorry", text: "I understand that this is annoying, and you are right to tell us. I apologise; this is what I am doing now:" },
  { lang: "en", name: "wait", text: "Let me check; I will be back in a few minutes. You may close this window: the conversation will wait for you." },
  { lang: "en", name: "number", text: "Could you give me your order number? It is in the confirmation e-mail." },
  { lang: "en", name: "thanks", text: "Thank you for your patience. Is there anything else that I can do for you?" },
  { lang: "en", name: "bye", text: "Have a good day. If anything comes up again, write to us: we will have the whole conversation before us." },
];

export const canned = signal<readonly Canned[]>(recall<Canned[]>("canned", []));
/** One's own, where there are any; else those that come along. */
export const all = computed(() => (canned.value.length > 0 ? canned.value : SHIPPED));

export function save(list: readonly Canned[]): void {
  canned.value = list;
  remember("canned", list);
}

/** Those whose name or text has what was typed, in the customer's language first. */
export function find(typed: string, lang: string): Canned[] {
  const wanted = typed.toLowerCase();
  const named = (c: Canned) => c.name.toLowerCase().startsWith(wanted);
  return all.value
    .filter((c) => named(c) || (wanted.length > 2 && c.text.toLowerCase().includes(wanted)))
    .sort((a, b) => Number(b.lang === lang) - Number(a.lang === lang) || Number(named(b)) - Number(named(a)))
    .slice(0, 8);
}

/** The text, with the customer's name where it is known. */
export function fill(text: string, customer: string | undefined): string {
  return customer === undefined ? text.replaceAll(/\s?\{(client|customer)\}/g, "") : text.replaceAll(/\{(client|customer)\}/g, customer);
}

/** The `/name` that the caret stands behind, with where it begins; undefined where there is none. */
export function slash(text: string, caret: number): { from: number; typed: string } | undefined {
  const found = /(?:^|\s)\/([\p{L}\p{N}_-]*)$/u.exec(text.slice(0, caret));
  return found === null ? undefined : { from: caret - (found[1] as string).length - 1, typed: found[1] as string };
}
