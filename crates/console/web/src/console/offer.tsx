// A conversation that is offered: why, by whom, since when, and how long one may think.

import type { App } from "./app-state.ts";
import { now } from "./clock.ts";
import type { OpenOffer } from "./desk.ts";
import { causeOf, triggerAt } from "./desk.ts";
import { dayAndTime, named, texts, time } from "./texts/index.ts";

export function OfferCard({ app, offer, first }: { app: App; offer: OpenOffer; first: boolean }) {
  const t = texts.value.offers;
  const left = Math.max(0, Math.ceil((offer.expiresAt - now.value) / 1000));
  const whole = Math.max(1, offer.expires_ms / 1000);
  const { reason, customer } = offer;
  // Why the customer came comes first, then why the conversation moved on.
  const why = reason === null ? [] : [causeOf(reason, offer.history), reason].filter((each) => each !== undefined);
  const name = app.customer(offer);
  return (
    <article class="offer" aria-label={texts.value.pair(t.title, name)}>
      <header>
        <strong dir="auto">{name}</strong>
        <span class="queue">{app.queue(offer.queue)}</span>
        <span class="countdown" title={t.leftLabel(left)}>
          <svg viewBox="0 0 36 36" aria-hidden="true">
            <circle cx="18" cy="18" r="15" class="track" />
            <circle cx="18" cy="18" r="15" pathLength={1} stroke-dasharray={`${Math.min(1, left / whole)} 1`} transform="rotate(-90 18 18)" />
          </svg>
          <span aria-hidden="true">{left}</span>
          <span class="hidden">{t.leftLabel(left)}</span>
        </span>
      </header>
      {why.map((each) => (
        <p key={each.code} class="why" dir="auto">
          <time dateTime={new Date(triggerAt(each, offer.history)).toISOString()}>{time(triggerAt(each, offer.history))}</time>{" "}
          {each.sentence || named(texts.value.reasons, each.code)}
        </p>
      ))}
      <p class="about">
        {!offer.connected && customer.address === undefined && <strong>{texts.value.thread.away} · </strong>}
        {t.earlier(customer.earlier.length)}
        {offer.waiting_since !== undefined && <> · {t.waited(now.value - offer.waiting_since)}</>}
        {" · "}
        {named(texts.value.details.langs, offer.lang)}
      </p>
      {customer.callback !== undefined && customer.address !== undefined && (
        <p class="why" dir="auto">
          <strong>{t.call(customer.address, customer.callback.from === undefined ? undefined : dayAndTime(customer.callback.from))}</strong>
        </p>
      )}
      <div class="acts">
        <button type="button" class="primary" onClick={() => void app.accept(offer.offer, offer.conversation)}>
          {t.accept} {first && app.singleKeys.value && <kbd aria-hidden="true">a</kbd>}
        </button>
        <button type="button" onClick={() => (app.dialog.value = { decline: offer.offer })}>
          {t.decline}
        </button>
      </div>
    </article>
  );
}
