// Whatever asks before it acts: decline, transfer, return to bot, close; and the lists behind the menu.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Presence } from "../wire.ts";
import type { App } from "./app-state.ts";
import { all, type Canned, save, SHIPPED } from "./canned.ts";
import type { Conversation } from "./desk.ts";
import { Icon } from "./icons.tsx";
import { setPassword } from "./session.ts";
import { KEYS, type Shortcut } from "./shortcuts.ts";
import { lang, LANGS, type Lang, named, percent, texts } from "./texts/index.ts";

export function Dialogs({ app }: { app: App }) {
  const dialog = app.dialog.value;
  const c = app.current.value;
  if (dialog === undefined) return null;
  if (typeof dialog === "object") {
    if ("decline" in dialog) return <Decline app={app} offer={dialog.decline} />;
    if ("thresholds" in dialog) return <Thresholds app={app} queue={dialog.thresholds} />;
    if ("requeue" in dialog) return <ToQueue app={app} conversation={dialog.requeue} />;
    return <Assign app={app} conversation={dialog.assign} />;
  }
  if (dialog === "shortcuts") return <Shortcuts app={app} />;
  if (dialog === "canned") return <CannedList app={app} />;
  if (dialog === "password") return <Password app={app} />;
  if (c === undefined) return null;
  if (dialog === "transfer") return <Transfer app={app} c={c} />;
  if (dialog === "close") return <Closing app={app} c={c} />;
  return <ToBot app={app} c={c} />;
}

interface ModalProps {
  app: App;
  title: string;
  children: ComponentChildren;
  /** The button that does it; without, there is only 'close'. */
  go?: string;
  disabled?: boolean;
  submit?: () => Promise<boolean> | boolean;
}

/** The browser's own dialog: it keeps the focus inside, gives it back, and closes with Esc. */
function Modal({ app, title, children, go, disabled = false, submit }: ModalProps) {
  const t = texts.value;
  const box = useRef<HTMLDialogElement>(null);
  const working = useSignal(false);
  useEffect(() => {
    const dialog = box.current;
    if (dialog !== null && !dialog.open) dialog.showModal();
    return () => dialog?.close();
  }, []);
  const close = () => (app.dialog.value = undefined);
  const send = async (event: Event) => {
    event.preventDefault();
    if (submit === undefined || working.value) return;
    working.value = true;
    if (await submit()) close();
    working.value = false;
  };
  return (
    <dialog
      ref={box}
      class="modal"
      aria-labelledby="modal"
      onClose={close}
      // A press on what is behind it closes it.
      onPointerDown={(event) => event.target === box.current && close()}
    >
      <form onSubmit={send}>
        <header>
          <h2 id="modal">{title}</h2>
          <button type="button" class="tool" aria-label={t.shortcuts.close} onClick={close}>
            <Icon of="close" />
          </button>
        </header>
        {children}
        {go !== undefined && (
          <footer class="acts">
            <button type="button" onClick={close}>
              {t.acts.cancel}
            </button>
            <button type="submit" class="primary" disabled={disabled || working.value}>
              {go}
            </button>
          </footer>
        )}
      </form>
    </dialog>
  );
}

interface ChoicesProps {
  name: string;
  legend: string;
  options: readonly (readonly [string, string])[];
  chosen: string | undefined;
  choose: (value: string) => void;
}

function Choices({ name, legend, options, chosen, choose }: ChoicesProps) {
  return (
    <fieldset class="options">
      <legend>{legend}</legend>
      {options.map(([value, label], index) => (
        <label key={value}>
          <input type="radio" name={name} value={value} checked={chosen === value} autoFocus={index === 0} onChange={() => choose(value)} /> {label}
        </label>
      ))}
    </fieldset>
  );
}

function Decline({ app, offer }: { app: App; offer: string }) {
  const t = texts.value;
  const desk = app.feed.desk.value;
  const reason = useSignal<string | undefined>(undefined);
  const note = useSignal("");
  const there = desk?.offers.has(offer) === true;
  useEffect(() => {
    // It lapsed while one was thinking: there is nothing left to decline.
    if (!there) app.dialog.value = undefined;
  }, [there]);
  const submit = () => {
    const words = note.value.trim();
    return app.ask({ type: "decline", offer, reason: reason.value ?? "", ...(words === "" ? {} : { note: words }) });
  };
  const options = (desk?.declines ?? []).map((word) => [word, named(t.declines, word)] as const);
  return (
    <Modal app={app} title={t.offers.whyNot} go={t.offers.decline} disabled={reason.value === undefined} submit={submit}>
      <Choices name="reason" legend={t.offers.whyNot} options={options} chosen={reason.value} choose={(word) => (reason.value = word)} />
      <label for="decline-note">{t.offers.note}</label>
      <input id="decline-note" maxLength={500} dir="auto" value={note.value} onInput={(event) => (note.value = event.currentTarget.value)} />
    </Modal>
  );
}

function Transfer({ app, c }: { app: App; c: Conversation }) {
  const t = texts.value;
  const to = useSignal<string | undefined>(undefined);
  const note = useSignal("");
  const queues = lines(app).map(([queue, label]) => [`queue:${queue}`, label] as const);
  const colleagues = people(app)
    .filter(([advisor]) => advisor !== app.session.advisor)
    .map(([advisor, label]) => [`advisor:${advisor}`, label] as const);
  const submit = () => {
    const [kind, id] = split(to.value ?? "");
    const words = note.value.trim();
    return app.ask({
      type: "transfer",
      conversation: c.conversation,
      to: kind === "queue" ? { queue: id } : { advisor: id },
      ...(words === "" ? {} : { note: words }),
    });
  };
  return (
    <Modal app={app} title={t.transfer.title} go={t.transfer.go} disabled={to.value === undefined} submit={submit}>
      <Choices name="to" legend={t.transfer.queue} options={queues} chosen={to.value} choose={(value) => (to.value = value)} />
      <Choices name="to" legend={t.transfer.advisor} options={colleagues} chosen={to.value} choose={(value) => (to.value = value)} />
      <label for="transfer-note">{t.transfer.note}</label>
      <textarea id="transfer-note" rows={3} maxLength={2000} dir="auto" value={note.value} onInput={(event) => (note.value = event.currentTarget.value)} />
      <p class="faint">{t.transfer.noteHint}</p>
    </Modal>
  );
}

const isThere = (p: Presence) => p.connected && p.status === "available";

/** Those whom one may choose, those first who could take a conversation now. */
function people(app: App, may: (p: Presence) => boolean = () => true): (readonly [string, string])[] {
  const t = texts.value;
  const free = (p: Presence) => (isThere(p) ? 1000 : 0) + p.capacity - p.held;
  return [...(app.feed.desk.value?.colleagues.values() ?? [])]
    .filter(may)
    .sort((a, b) => free(b) - free(a))
    .map((p) => [p.advisor, t.transfer.load(p.name, p.connected ? t.presence.status[p.status] : t.presence.disconnected, p.held, p.capacity)]);
}

function Assign({ app, conversation }: { app: App; conversation: string }) {
  const t = texts.value;
  const to = useSignal<string | undefined>(undefined);
  const title = t.acts.assignTo(app.label(conversation));
  const known = app.feed.desk.value?.others.get(conversation);
  const holder = known?.owner === "advisor" ? known.advisor : undefined;
  const submit = () => app.ask({ type: "assign", conversation, advisor: to.value ?? "" });
  return (
    <Modal app={app} title={title} go={t.acts.assignGo} disabled={to.value === undefined} submit={submit}>
      <Choices name="advisor" legend={t.board.team} options={people(app, (p) => isThere(p) && p.advisor !== holder)} chosen={to.value} choose={(advisor) => (to.value = advisor)} />
    </Modal>
  );
}

/** Every queue, with how many wait in it. */
function lines(app: App): (readonly [string, string])[] {
  return [...(app.feed.desk.value?.queues.values() ?? [])].map((queue) => [queue.queue, `${queue.name} (${queue.waiting})`]);
}

/** Out of an advisor's hands and back in a line: which, and only after having been asked. */
function ToQueue({ app, conversation }: { app: App; conversation: string }) {
  const t = texts.value;
  const desk = app.feed.desk.value;
  const last = desk?.others.get(conversation)?.queue ?? desk?.conversations.get(conversation)?.queue;
  const to = useSignal<string | undefined>(last);
  const submit = () => app.ask({ type: "requeue", conversation, ...(to.value === undefined ? {} : { queue: to.value }) });
  return (
    <Modal app={app} title={t.acts.requeueOf(app.label(conversation))} go={t.acts.requeue} disabled={to.value === undefined} submit={submit}>
      <Choices name="queue" legend={t.transfer.queue} options={lines(app)} chosen={to.value} choose={(queue) => (to.value = queue)} />
    </Modal>
  );
}

/** From which frustration on a queue gets a conversation: kept with its author and the reason. */
function Thresholds({ app, queue }: { app: App; queue: string }) {
  const t = texts.value.thresholds;
  const now = app.feed.desk.value?.queues.get(queue)?.thresholds;
  const peak = useSignal(now?.peak ?? 0.5);
  const trend = useSignal(now?.trend ?? 0.5);
  const reason = useSignal("");
  const said = reason.value.trim() !== "";
  const submit = () => app.ask({ type: "set_policy", queue, peak: peak.value, trend: trend.value, reason: reason.value.trim() });
  const field = (name: string, label: string, say: string, value: typeof peak) => (
    <p class="share">
      <label for={name}>{label}</label>
      <input id={name} type="range" min={5} max={100} step={5} value={percent(value.value)} aria-describedby={`${name}-say`} onInput={(event) => (value.value = event.currentTarget.valueAsNumber / 100)} />
      <output for={name}>{t.share(percent(value.value))}</output>
      <span id={`${name}-say`} class="faint">
        {say}
      </span>
    </p>
  );
  return (
    <Modal app={app} title={t.title(app.queue(queue))} go={t.go} disabled={!said} submit={submit}>
      {field("peak", t.peak, t.peakSay, peak)}
      {field("trend", t.trend, t.trendSay, trend)}
      <label for="policy-reason">{t.reason}</label>
      <input id="policy-reason" value={reason.value} maxLength={500} required onInput={(event) => (reason.value = event.currentTarget.value)} />
    </Modal>
  );
}

function split(value: string): [string, string] {
  const at = value.indexOf(":");
  return [value.slice(0, at), value.slice(at + 1)];
}

function Closing({ app, c }: { app: App; c: Conversation }) {
  const t = texts.value;
  const outcomes = app.feed.desk.value?.outcomes ?? [];
  const outcome = useSignal<string | undefined>(undefined);
  const submit = () => app.ask({ type: "close", conversation: c.conversation, outcome: outcome.value ?? "" });
  return (
    <Modal app={app} title={t.closing.title} go={t.closing.go} disabled={outcome.value === undefined} submit={submit}>
      <Choices
        name="outcome"
        legend={t.closing.outcome}
        options={outcomes.map((word) => [word, named(t.outcomes, word)] as const)}
        chosen={outcome.value}
        choose={(word) => (outcome.value = word)}
      />
    </Modal>
  );
}

function ToBot({ app, c }: { app: App; c: Conversation }) {
  const t = texts.value.toBot;
  return (
    <Modal app={app} title={t.title} go={t.go} submit={() => app.ask({ type: "return_to_bot", conversation: c.conversation })}>
      <p>{t.say}</p>
    </Modal>
  );
}

function Shortcuts({ app }: { app: App }) {
  const t = texts.value.shortcuts;
  return (
    <Modal app={app} title={t.title}>
      <label class="check">
        <input type="checkbox" checked={app.singleKeys.value} onChange={(event) => (app.singleKeys.value = event.currentTarget.checked)} /> {t.on}
      </label>
      <p class="faint">{t.say}</p>
      <dl class="keys">
        {(Object.keys(KEYS) as Shortcut[]).map((name) => (
          <div key={name}>
            <dt>
              <kbd>{KEYS[name]}</kbd>
            </dt>
            <dd>{t.list[name]}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}

function CannedList({ app }: { app: App }) {
  const t = texts.value;
  const list = useSignal<readonly Canned[]>(all.value);
  const change = (index: number, part: Partial<Canned>) => (list.value = list.value.map((c, i) => (i === index ? { ...c, ...part } : c)));
  const submit = () => {
    // A name is one word: it is typed after the slash.
    const kept = list.value.map((c) => ({ ...c, name: c.name.trim().replaceAll(/\s+/g, "-") })).filter((c) => c.name !== "" && c.text.trim() !== "");
    save(kept);
    return true;
  };
  return (
    <Modal app={app} title={t.canned.title} go={t.canned.save} submit={submit}>
      <p class="faint">{t.canned.say}</p>
      <ul class="canned-list">
        {list.value.map((c, index) => (
          <li key={index}>
            <input aria-label={t.canned.name} value={c.name} maxLength={40} onInput={(event) => change(index, { name: event.currentTarget.value })} />
            <select aria-label={t.canned.lang} value={c.lang} onChange={(event) => change(index, { lang: event.currentTarget.value as Lang })}>
              {(Object.keys(LANGS) as Lang[]).map((code) => (
                <option key={code} value={code}>
                  {code}
                </option>
              ))}
            </select>
            <button type="button" onClick={() => (list.value = list.value.filter((_, i) => i !== index))}>
              {t.canned.remove}
            </button>
            <textarea aria-label={t.canned.text} rows={2} lang={c.lang} value={c.text} onInput={(event) => change(index, { text: event.currentTarget.value })} />
          </li>
        ))}
      </ul>
      <p class="acts">
        <button type="button" onClick={() => (list.value = [...list.value, { name: "", lang: lang.value, text: "" }])}>
          {t.canned.add}
        </button>
        <button type="button" onClick={() => (list.value = SHIPPED)}>
          {t.canned.reset}
        </button>
      </p>
    </Modal>
  );
}

/** As the server wants it. */
const SHORTEST = 10;

function Password({ app }: { app: App }) {
  const t = texts.value.password;
  const typed = useSignal("");
  const problem = useSignal("");
  const submit = async () => {
    if ([...typed.value].length < SHORTEST) {
      problem.value = t.short;
      return false;
    }
    try {
      await setPassword(typed.value);
    } catch (error) {
      problem.value = error instanceof Error && error.message !== "" ? error.message : texts.value.signIn.failed;
      return false;
    }
    app.tell(t.done);
    return true;
  };
  return (
    <Modal app={app} title={t.title} go={t.save} submit={submit}>
      <p>{t.say}</p>
      <label for="new-password">{t.field}</label>
      <input
        id="new-password"
        type="password"
        autocomplete="new-password"
        autoFocus
        aria-invalid={problem.value !== ""}
        aria-describedby="password-problem"
        value={typed.value}
        onInput={(event) => (typed.value = event.currentTarget.value)}
      />
      <p id="password-problem" class="problem" role="alert">
        {problem.value}
      </p>
    </Modal>
  );
}
