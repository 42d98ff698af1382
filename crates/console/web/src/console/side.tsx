// The left pane: offers above all, one's conversations, those of before, and how the queues are.

import type { App } from "./app-state.ts";
import { now } from "./clock.ts";
import { type Conversation, lastWords, unansweredSince } from "./desk.ts";
import { Icon } from "./icons.tsx";
import { OfferCard } from "./offer.tsx";
import { lang, percent, texts } from "./texts/index.ts";

export function Side({ app }: { app: App }) {
  const t = texts.value;
  const wanted = app.search.value.trim().toLowerCase();
  const shown = app.mine.value.filter((c) => matches(app, c, wanted));
  const offers = app.offers.value;
  return (
    <div class="side">
      <section class="offers" aria-labelledby="offers">
        <h2 id="offers" class={offers.length === 0 ? "hidden" : ""}>
          {t.offers.title}
        </h2>
        {offers.length === 0 ? (
          <p class="hidden">{t.offers.none}</p>
        ) : (
          offers.map((offer, index) => <OfferCard key={offer.offer} app={app} offer={offer} first={index === 0} />)
        )}
      </section>
      <nav class="mine" aria-labelledby="mine">
        <h2 id="mine">{t.list.title}</h2>
        {app.mine.value.length > 0 && (
          <label class="search">
            <Icon of="search" />
            <span class="hidden">{t.list.search}</span>
            <input
              id="search"
              type="search"
              placeholder={t.list.searchShort}
              value={app.search.value}
              onInput={(event) => (app.search.value = event.currentTarget.value)}
              onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
            />
          </label>
        )}
        {shown.length === 0 ? (
          <p class="empty">{wanted === "" ? t.list.none : t.list.noMatch}</p>
        ) : (
          <ul>
            {shown.map((c) => (
              <Row key={c.conversation} app={app} c={c} mine />
            ))}
          </ul>
        )}
        {app.recent.value.length > 0 && (
          <>
            <h3>{t.list.recent}</h3>
            <ul class="recent">
              {app.recent.value.map((c) => (
                <Row key={c.conversation} app={app} c={c} mine={false} />
              ))}
            </ul>
          </>
        )}
      </nav>
      <Queues app={app} />
    </div>
  );
}

function matches(app: App, c: Conversation, wanted: string): boolean {
  if (wanted === "") return true;
  const all = [app.customer(c), c.customer.id, ...Object.values(c.customer.profile ?? {}).map(String)];
  for (const e of c.events) if (e.kind === "message" || e.kind === "note") all.push(e.text);
  return all.some((text) => text.toLowerCase().includes(wanted));
}

function Row({ app, c, mine }: { app: App; c: Conversation; mine: boolean }) {
  const t = texts.value.list;
  const id = c.conversation;
  const unread = mine ? app.unread(c) : 0;
  const since = mine ? unansweredSince(c) : undefined;
  const draft = app.draft(id, "reply");
  return (
    <li>
      <button type="button" class="row" aria-current={app.selected.value === id && !app.board.value} onClick={() => app.select(id)}>
        <span class="top">
          <strong dir="auto">{app.customer(c)}</strong>
          {unread > 0 && (
            <span class="badge">
              <span aria-hidden="true">{unread}</span>
              <span class="hidden">{t.unread(unread)}</span>
            </span>
          )}
        </span>
        <span class="last" dir="auto" lang={c.lang}>
          {c.writes ? <em lang={lang.value}>{t.writes}</em> : draft !== "" ? texts.value.pair(t.draft, draft) : lastWords(c)}
        </span>
        <span class="figures">
          <Frustration share={c.frustration} />
          {since !== undefined && <span class="wait">{t.waits(now.value - since)}</span>}
        </span>
      </button>
    </li>
  );
}

/** A share as a bar and a number; the bar's colour says nothing that the number does not. */
export function Frustration({ share }: { share: number }) {
  const value = percent(share);
  return (
    <span class="frustration" data-level={share >= 0.7 ? "high" : share >= 0.4 ? "some" : "low"}>
      <svg viewBox="0 0 40 6" aria-hidden="true">
        <rect width="40" height="6" rx="3" class="track" />
        <rect width={Math.max(3, 40 * share)} height="6" rx="3" />
      </svg>
      <span aria-hidden="true">{value}</span>
      <span class="hidden">{texts.value.list.frustration(value)}</span>
    </span>
  );
}

function Queues({ app }: { app: App }) {
  const t = texts.value.queues;
  const queues = [...(app.feed.desk.value?.queues.values() ?? [])];
  if (queues.length === 0) return null;
  return (
    <section class="queues" aria-labelledby="queues">
      <h2 id="queues">{t.title}</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">{t.name}</th>
            <th scope="col">{t.waiting}</th>
            <th scope="col">{t.oldest}</th>
            <th scope="col">{t.free}</th>
          </tr>
        </thead>
        <tbody>
          {queues.map((queue) => (
            <tr key={queue.queue} title={queue.wait_s === null ? undefined : texts.value.pair(t.wait, t.estimate(queue.wait_s))}>
              <th scope="row">{queue.name}</th>
              <td class={queue.waiting > 0 ? "some" : ""}>{queue.waiting}</td>
              <td>{queue.oldest_ms === null ? "–" : texts.value.duration(queue.oldest_ms)}</td>
              <td>{queue.available}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
