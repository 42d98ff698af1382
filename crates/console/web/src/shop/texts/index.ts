// The shop's two languages.

import { en } from "./en.ts";
import { fr } from "./fr.ts";

export type Texts = typeof fr;
export type ShopLang = "fr" | "en";

export const texts: Record<ShopLang, Texts> = { fr, en };
