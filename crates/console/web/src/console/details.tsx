// The right pane: why this conversation is here, who writes, what was heard, what came before, and why oneself.

import type { App } from "./app-state.ts";
import { causeOf, type Conversation, heard, isMine, triggerAt, whyMe } from "./desk.ts";
import { Icon } from "./icons.tsx";
import { gathered, strength, words } from "./marks.ts";
import { Frustration } from "./side.tsx";
import { Sparkline } from "./sparkline.tsx";
import { dayAndTime, moment, named, number, percent, signed, texts, time } from "./texts/index.ts";

export function Details({ app, c }: { app: App; c: Conversation }) {
  const t = texts.value.details;
  return (
    <aside class="details" aria-label={t.label} onKeyDown={(event) => event.key === "Escape" && (app.details.value = false)}>
      <button type="button" class="tool" aria-label={texts.value.acts.hide} onClick={() => (app.details.value = false)}>
        <Icon of="close" />
      </button>
      <Why app={app} c={c} />
      <Who app={app} c={c} />
      <HeardPart c={c} />
      <EarlierPart app={app} c={c} />
      <Candidates app={app} c={c} />
    </aside>
  );
}

function Why({ c }: { app: App; c: Conversation }) {
  const t = texts.value;
  const { reason } = c;
  const cause = reason && causeOf(reason, c.events);
  const weighed = cause ?? reason;
  return (
    <section aria-labelledby="why">
      <h2 id="why">{t.details.reason}</h2>
      {reason === undefined ? (
        <p class="faint">{t.details.noReason}</p>
      ) : (
        <div class="reason">
          {cause !== undefined && (
            <p dir="auto">
              <time dateTime={new Date(triggerAt(cause, c.events)).toISOString()}>{moment(triggerAt(cause, c.events))}</time>{" "}
              {cause.sentence || named(t.reasons, cause.code)}
            </p>
          )}
          <p dir="auto">
            <time dateTime={new Date(triggerAt(reason, c.events)).toISOString()}>{moment(triggerAt(reason, c.events))}</time>{" "}
            {reason.sentence || named(t.reasons, reason.code)}
          </p>
          <p class="faint">
            {/* A plain wish for a person is held against no threshold. */}
            {weighed !== undefined && weighed.threshold < 1 && weighed.score > 0 && (
              <>{t.details.score(number(weighed.score), number(weighed.threshold))} · </>
            )}
            {t.details.policy(reason.policy)}
          </p>
        </div>
      )}
    </section>
  );
}

function Who({ app, c }: { app: App; c: Conversation }) {
  const t = texts.value.details;
  const { customer } = c;
  const rows: [string, string][] = [];
  for (const [key, value] of Object.entries(customer.profile ?? {})) {
    if (value !== null && typeof value !== "object") rows.push([named(t.profile, key), String(value)]);
  }
  if (customer.address !== undefined) {
    const from = customer.callback?.from;
    if (customer.callback === undefined) rows.push([t.address, customer.address]);
    else rows.push([t.callback, from === undefined ? customer.address : t.callAt(customer.address, dayAndTime(from))]);
  }
  rows.push([t.lang, named(t.langs, c.lang)]);
  const page = customer.page?.["title"] ?? customer.page?.["url"];
  if (typeof page === "string") rows.push([t.page, page]);
  if (c.queue !== undefined) rows.push([t.queue, app.queue(c.queue)]);
  rows.push([t.id, customer.id]);
  rows.push([t.connected, c.connected ? t.yes : t.no]);
  return (
    <section aria-labelledby="who">
      <h2 id="who">{t.customer}</h2>
      <p class={customer.verified ? "verified" : "faint"}>{customer.verified ? t.verified : t.unverified}</p>
      <dl>
        {rows.map(([key, value]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd dir="auto">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function HeardPart({ c }: { c: Conversation }) {
  const t = texts.value;
  const curve = heard(c.events);
  const last = curve.at(-1);
  return (
    <section aria-labelledby="heard">
      <h2 id="heard">{t.details.curve}</h2>
      {curve.length > 1 && last !== undefined && (
        <Sparkline
          values={curve.map((h) => h.frustration)}
          threshold={c.reason !== undefined && c.reason.threshold < 1 ? c.reason.threshold : undefined}
          label={t.pair(t.details.curve, t.details.curveSay(curve.length, percent(last.frustration)))}
        />
      )}
      <Timeline c={c} />
    </section>
  );
}

function Timeline({ c }: { c: Conversation }) {
  const t = texts.value;
  const steps = c.events.flatMap((e) => {
    if (e.kind !== "analyzed") return [];
    const strong = gathered(e.signals).filter((s) => Math.abs(s.weight) >= 0.05);
    if (strong.length === 0) return [];
    const message = c.events.find((m) => m.seq === e.of);
    const text = message?.kind === "message" ? message.text : "";
    return [{ at: message?.at ?? e.at, of: e.of, frustration: e.frustration, strong, text }];
  });
  if (steps.length === 0) return <p class="faint">{t.details.noSignals}</p>;
  return (
    <ol class="timeline">
      {steps.map((step) => (
        <li key={step.of}>
          <p>
            <time dateTime={new Date(step.at).toISOString()}>{time(step.at)}</time> <Frustration share={step.frustration} />
          </p>
          <ul>
            {step.strong.map((signal, index) => (
              <li key={index} data-strength={strength(signal.weight)}>
                {named(t.signals.kind, signal.kind)} <span>{signed(signal.weight)}</span>{" "}
                {signal.start < signal.end && <q dir="auto" lang={c.lang}>{words(step.text, signal)}</q>}
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}

function EarlierPart({ app, c }: { app: App; c: Conversation }) {
  const t = texts.value;
  const { earlier } = c.customer;
  return (
    <section aria-labelledby="earlier">
      <h2 id="earlier">{t.details.earlier}</h2>
      {earlier.length === 0 ? (
        <p class="faint">{t.details.noEarlier}</p>
      ) : (
        <ul class="earlier">
          {earlier.map((before) => (
            <li key={before.conversation}>
              <button type="button" onClick={() => app.select(before.conversation)}>
                <span class="top">
                  <time dateTime={new Date(before.at).toISOString()}>{moment(before.at)}</time>
                  {before.advisor !== undefined && <span>{app.name(before.advisor)}</span>}
                  {before.outcome !== undefined && <span class="outcome">{named(t.outcomes, before.outcome)}</span>}
                  {before.peak >= 0.4 && <span>{t.details.peak(percent(before.peak))}</span>}
                </span>
                <span class="summary" dir="auto">
                  {before.summary}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Candidates({ app, c }: { app: App; c: Conversation }) {
  const t = texts.value.details;
  const candidates = whyMe(c.events);
  const names = [...new Set(candidates.flatMap((candidate) => candidate.terms.filter((term) => term.value !== 0).map((term) => term.name)))];
  return (
    <section aria-labelledby="why-me">
      <h2 id="why-me">{isMine(c, app.session.advisor) ? t.whyMe : t.whyThem}</h2>
      {candidates.length === 0 ? (
        <p class="faint">{t.noWhy}</p>
      ) : (
        <div class="wide" tabIndex={0} role="group" aria-labelledby="why-me">
          <table>
            <thead>
              <tr>
                <th scope="col">{t.candidate}</th>
                {candidates.map((candidate, index) => (
                  <th key={candidate.advisor} scope="col" class={index === 0 ? "chosen" : ""}>
                    {app.name(candidate.advisor)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {names.map((name) => (
                <tr key={name}>
                  <th scope="row">{named(t.terms, name)}</th>
                  {candidates.map((candidate) => (
                    <td key={candidate.advisor}>{signed(candidate.terms.find((term) => term.name === name)?.value ?? 0, 2)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
            <tfoot>
              <tr>
                <th scope="row">{t.total}</th>
                {candidates.map((candidate) => (
                  <td key={candidate.advisor}>{number(candidate.score)}</td>
                ))}
              </tr>
            </tfoot>
          </table>
        </div>
      )}
    </section>
  );
}
