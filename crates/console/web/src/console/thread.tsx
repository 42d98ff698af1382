// The middle pane: one conversation, what can be done with it, and where one writes.

import { useEffect, useMemo } from "preact/hooks";
import { useEnd } from "../end.ts";
import type { App } from "./app-state.ts";
import { Composer } from "./composer.tsx";
import { type Conversation, part } from "./desk.ts";
import { type Entry, entries } from "./entries.ts";
import { Icon } from "./icons.tsx";
import { SaidEntry } from "./message.tsx";
import { Frustration } from "./side.tsx";
import { day, named, texts, time } from "./texts/index.ts";

export function Thread({ app }: { app: App }) {
  const t = texts.value;
  const c = app.current.value;
  if (c === undefined) return <p class="nothing">{app.selected.value === undefined ? t.thread.pick : t.thread.loading}</p>;
  const role = part(c, app.session.advisor);
  return (
    <section class="thread" aria-label={t.thread.log(app.customer(c))}>
      <Head app={app} c={c} mine={role === "holder"} />
      <Log key={c.conversation} app={app} c={c} />
      {role !== "holder" && <NotMine app={app} c={c} />}
      {role !== "reader" && <Composer key={c.conversation} app={app} c={c} modes={role === "beside" ? ["note"] : ["reply", "note"]} />}
    </section>
  );
}

function Head({ app, c, mine }: { app: App; c: Conversation; mine: boolean }) {
  const t = texts.value;
  return (
    <header class="head">
      <button type="button" class="tool back" aria-label={t.acts.back} onClick={() => app.select(undefined)}>
        <Icon of="back" />
      </button>
      <div class="title">
        <h1 dir="auto">{app.customer(c)}</h1>
        <p>
          {c.queue !== undefined && <span>{app.queue(c.queue)}</span>}
          <span>{named(t.details.langs, c.lang)}</span>
          <Frustration share={c.frustration} />
          {!c.connected && <span>{t.thread.away}</span>}
        </p>
      </div>
      {mine && (
        <div class="acts">
          <button type="button" onClick={() => (app.dialog.value = "transfer")}>
            <Icon of="transfer" /> {t.acts.transfer}
          </button>
          <button type="button" onClick={() => (app.dialog.value = "bot")}>
            <Icon of="bot" /> {t.acts.toBot}
          </button>
          <button type="button" class="primary" onClick={() => (app.dialog.value = "close")}>
            <Icon of="check" /> {t.acts.close}
          </button>
        </div>
      )}
      <button
        type="button"
        class="tool"
        aria-pressed={app.details.value}
        aria-label={app.details.value ? t.acts.hide : t.acts.show}
        title={app.details.value ? t.acts.hide : t.acts.show}
        onClick={() => (app.details.value = !app.details.value)}
      >
        <Icon of="panel" />
      </button>
    </header>
  );
}

function Log({ app, c }: { app: App; c: Conversation }) {
  const t = texts.value;
  const { box, below, scrolled, toEnd, came } = useEnd(60, false);
  const { outbox, failed, ready, desk } = app.feed;
  const customer = app.customer(c);
  const list = useMemo(() => {
    const names = { advisor: (id: string) => app.name(id), queue: (id: string) => app.queue(id), customer, me: app.session.advisor };
    return entries(c, outbox.value, failed.value, ready.value, names, t);
  }, [c, outbox.value, failed.value, ready.value, t, desk.value?.colleagues]);
  const last = list.at(-1);
  const own = last?.is === "noted" || (last?.is === "said" && last.mine);
  useEffect(() => came(own), [list.length, c.writes]);
  return (
    <div class="scroller">
      {/* New words are announced in a region of their own (desktop.tsx). */}
      <div class="log" ref={box} role="log" aria-live="off" aria-label={t.thread.log(customer)} tabIndex={0} onScroll={scrolled}>
        {list.map((entry, index) => (
          <EntryView key={entry.key} app={app} c={c} entry={entry} before={list[index - 1]} />
        ))}
        {c.writes && (
          <p class="writes" aria-hidden="true">
            {t.thread.typing(customer)}
          </p>
        )}
      </div>
      {below.value && (
        <button type="button" class="below" onClick={toEnd}>
          {t.thread.newBelow}
        </button>
      )}
    </div>
  );
}

function EntryView({ app, c, entry, before }: { app: App; c: Conversation; entry: Entry; before: Entry | undefined }) {
  const t = texts.value;
  const newDay = before === undefined || new Date(before.at).toDateString() !== new Date(entry.at).toDateString();
  const today = new Date().toDateString() === new Date(entry.at).toDateString();
  return (
    <>
      {newDay && !(today && before === undefined) && <p class="day">{day(entry.at)}</p>}
      {entry.is === "said" && <SaidEntry app={app} c={c} said={entry} />}
      {entry.is === "noted" && (
        <div class="noted">
          <p class="by">
            {t.thread.note} — <bdi>{entry.name}</bdi> <time dateTime={new Date(entry.at).toISOString()}>{time(entry.at)}</time>
          </p>
          <p class="text" dir="auto">
            {entry.text}
          </p>
          {entry.state === "waiting" && <p class="state">{t.thread.waiting}</p>}
        </div>
      )}
      {entry.is === "told" && (
        <div class="told">
          <time dateTime={new Date(entry.at).toISOString()}>{time(entry.at)}</time>
          <ul>
            {entry.texts.map((text, index) => (
              <li key={index} dir="auto">
                {text}
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

/** Where one would write, for a conversation that somebody else has: who, and what a supervisor may do. */
function NotMine({ app, c }: { app: App; c: Conversation }) {
  const t = texts.value;
  const waits = c.owner === "queue" || c.owner === "offered";
  const says =
    c.owner === "closed"
      ? t.thread.closed
      : c.left === true
        ? t.thread.gone
        : c.owner === "bot"
          ? t.thread.withBot
          : waits
            ? t.thread.inQueue
            : t.thread.withOther(app.name(c.advisor));
  const { conversation } = c;
  return (
    <footer class="not-mine">
      <p>{says}</p>
      {c.owner !== "closed" && c.left !== true && (
        <div class="acts">
          {waits && (
            <button type="button" class="primary" onClick={() => void app.ask({ type: "take", conversation })}>
              {t.acts.take}
            </button>
          )}
          {app.supervisor.value && c.owner === "advisor" && (
            <>
              <button type="button" onClick={() => void app.ask({ type: "join", conversation })}>
                {t.acts.join}
              </button>
              <button type="button" onClick={() => void app.ask({ type: "listen", conversation })}>
                {t.acts.listen}
              </button>
              <button type="button" onClick={() => (app.dialog.value = { requeue: conversation })}>
                {t.acts.requeue}
              </button>
            </>
          )}
        </div>
      )}
    </footer>
  );
}
