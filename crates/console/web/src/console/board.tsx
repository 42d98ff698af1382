// The supervisor's view: who waits and why, who is with whom, how the team is, and what one move can free.

import type { Waiting } from "../wire.ts";
import type { App } from "./app-state.ts";
import { now } from "./clock.ts";
import { Frustration } from "./side.tsx";
import { named, percent, texts } from "./texts/index.ts";

export function Board({ app }: { app: App }) {
  const t = texts.value.board;
  const desk = app.feed.desk.value;
  if (desk === undefined) return null;
  const others = [...desk.others.values()];
  const waiting = others.filter((w) => w.owner !== "advisor").sort((a, b) => (a.since ?? 0) - (b.since ?? 0));
  const queues = [...new Set(waiting.map((w) => w.queue))];
  const underWay = others.filter((w) => w.owner === "advisor").sort((a, b) => b.frustration - a.frustration);
  return (
    <div class="board">
      <h1>{t.title}</h1>
      <section aria-labelledby="who-waits">
        <h2 id="who-waits">{t.waiting}</h2>
        {waiting.length === 0 ? (
          <p class="faint">{t.nobody}</p>
        ) : (
          queues.map((queue) => {
            const list = waiting.filter((w) => w.queue === queue);
            return <Lines key={queue} app={app} caption={`${app.queue(queue)} (${list.length})`} list={list} />;
          })
        )}
      </section>
      <section aria-labelledby="under-way">
        <h2 id="under-way">{t.underWay}</h2>
        {underWay.length === 0 ? <p class="faint">{t.noneUnderWay}</p> : <Lines app={app} caption={t.underWay} list={underWay} titled />}
      </section>
      <Team app={app} />
      <Rules app={app} />
    </div>
  );
}

/** `titled`: a heading says already what the caption does, and nobody waits. */
function Lines({ app, caption, list, titled = false }: { app: App; caption: string; list: Waiting[]; titled?: boolean }) {
  const t = texts.value;
  return (
    <div class="wide" tabIndex={0} role="group" aria-label={caption}>
      <table>
        <caption class={titled ? "hidden" : ""}>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{t.board.who}</th>
            {!titled && <th scope="col">{t.board.since}</th>}
            <th scope="col">{t.board.frustration}</th>
            <th scope="col">{t.board.why}</th>
            <th scope="col">{t.board.act}</th>
          </tr>
        </thead>
        <tbody>
          {list.map((waiting) => (
            <Line key={waiting.conversation} app={app} waiting={waiting} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Line({ app, waiting }: { app: App; waiting: Waiting }) {
  const t = texts.value;
  const { conversation, owner, advisor, since, reason, frustration } = waiting;
  const withAdvisor = owner === "advisor";
  return (
    <tr>
      <th scope="row">
        <button type="button" class="plain" onClick={() => app.select(conversation)}>
          {app.label(conversation)}
        </button>
        {withAdvisor && <span class="faint">{app.name(advisor)}</span>}
        {owner === "offered" && <span class="faint">{t.board.asked(app.name(advisor))}</span>}
      </th>
      {!withAdvisor && <td>{since === undefined ? "–" : t.duration(now.value - since)}</td>}
      <td>
        <Frustration share={frustration} />
      </td>
      <td class="why" dir="auto">
        {reason === undefined ? "" : reason.sentence || named(t.reasons, reason.code)}
      </td>
      <td>
        <div class="acts">
          <button type="button" aria-label={t.acts.assignTo(app.label(conversation))} onClick={() => (app.dialog.value = { assign: conversation })}>
            {t.acts.assign}
          </button>
          {withAdvisor ? (
            <>
              <button type="button" onClick={() => void app.ask({ type: "join", conversation }).then((ok) => ok && app.select(conversation))}>
                {t.acts.join}
              </button>
              <button type="button" onClick={() => void app.ask({ type: "listen", conversation }).then((ok) => ok && app.select(conversation))}>
                {t.acts.listen}
              </button>
              <button type="button" onClick={() => (app.dialog.value = { requeue: conversation })}>
                {t.acts.requeue}
              </button>
            </>
          ) : (
            <button type="button" class="primary" onClick={() => void app.ask({ type: "take", conversation }).then((ok) => ok && app.select(conversation))}>
              {t.acts.take}
            </button>
          )}
        </div>
      </td>
    </tr>
  );
}

/** What brings a conversation to people for frustration, queue by queue. */
function Rules({ app }: { app: App }) {
  const t = texts.value.thresholds;
  const queues = [...(app.feed.desk.value?.queues.values() ?? [])];
  return (
    <section aria-labelledby="rules">
      <h2 id="rules">{t.heading}</h2>
      <p class="faint">{t.say}</p>
      <table class="team">
        <thead>
          <tr>
            <th scope="col">{texts.value.queues.name}</th>
            <th scope="col">{t.peak}</th>
            <th scope="col">{t.trend}</th>
            <th scope="col">{texts.value.board.act}</th>
          </tr>
        </thead>
        <tbody>
          {queues.map(({ queue, name, thresholds }) => (
            <tr key={queue}>
              <th scope="row">{name}</th>
              <td>{t.share(percent(thresholds.peak))}</td>
              <td>{t.share(percent(thresholds.trend))}</td>
              <td>
                <div class="acts">
                  <button type="button" aria-label={t.title(name)} onClick={() => (app.dialog.value = { thresholds: queue })}>
                    {t.change}
                  </button>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Team({ app }: { app: App }) {
  const t = texts.value;
  const colleagues = [...(app.feed.desk.value?.colleagues.values() ?? [])].sort((a, b) => a.name.localeCompare(b.name));
  return (
    <section aria-labelledby="team">
      <h2 id="team">{t.board.team}</h2>
      <table class="team">
        <thead>
          <tr>
            <th scope="col">{t.board.advisor}</th>
            <th scope="col">{t.board.status}</th>
            <th scope="col">{t.board.load}</th>
          </tr>
        </thead>
        <tbody>
          {colleagues.map((c) => (
            <tr key={c.advisor}>
              <th scope="row" dir="auto">
                {c.name}
              </th>
              <td data-status={c.connected ? c.status : "offline"}>
                <i aria-hidden="true" />
                {t.presence.status[c.status]}, {c.connected ? t.presence.connected : t.presence.disconnected}
              </td>
              <td>
                <meter min={0} max={Math.max(1, c.capacity)} value={c.held} aria-label={t.presence.loadLabel(c.held, c.capacity)} />{" "}
                <span aria-hidden="true">{t.presence.load(c.held, c.capacity)}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
