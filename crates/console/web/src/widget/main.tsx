// The widget's one file: defines <relais-chat>, and makes one where the script tag says for which site.
//
//   <script async src="https://chat.example.org/widget.js" data-site="shop" data-lang="fr"></script>
//   or <relais-chat site="shop" lang="fr"></relais-chat> anywhere in the page.

import { RelaisChat, setHome } from "./element.tsx";

const script =
  document.currentScript instanceof HTMLScriptElement
    ? document.currentScript
    : document.querySelector<HTMLScriptElement>("script[data-site][src*='widget.js']");

if (script?.src) setHome(new URL(script.src, location.href).origin);

if (!customElements.get("relais-chat")) customElements.define("relais-chat", RelaisChat);

const { site, lang, server, theme } = script?.dataset ?? {};
if (site !== undefined && document.querySelector("relais-chat") === null) {
  const element = document.createElement("relais-chat");
  for (const [name, value] of Object.entries({ site, lang, server, theme })) if (value !== undefined) element.setAttribute(name, value);
  // An async script may come before the body does.
  if (document.body !== null) document.body.append(element);
  else addEventListener("DOMContentLoaded", () => document.body.append(element));
}
