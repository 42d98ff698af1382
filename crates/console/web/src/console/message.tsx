// One message, with what was heard in it marked in the words, and the means to say that it was heard wrongly.

import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import type { Signal, Verdict } from "../wire.ts";
import type { App } from "./app-state.ts";
import type { Conversation } from "./desk.ts";
import type { Correction, Said } from "./entries.ts";
import { pieces, strength, words } from "./marks.ts";
import { Frustration } from "./side.tsx";
import { named, signed, texts, time } from "./texts/index.ts";

/** What adds less than this to the score, in log-odds, is not worth a reader's time. */
const WORTH_TELLING = 0.05;
/** From this score on the annoyance was noticed. */
const NOTICED = 0.4;
const VERDICTS: readonly Verdict[] = ["not_frustrated", "wrong_reason", "frustrated"];

export function SaidEntry({ app, c, said }: { app: App; c: Conversation; said: Said }) {
  const t = texts.value;
  const open = useSignal<number | undefined>(undefined);
  const panel = useId();
  const told = said.signals.map((signal, index) => ({ signal, index })).filter(({ signal }) => Math.abs(signal.weight) >= WORTH_TELLING);
  const foreign = said.from === "customer" || said.from === "bot";
  const chosen = open.value === undefined ? undefined : said.signals[open.value];
  return (
    <div class={`said ${said.from}${said.mine ? " mine" : ""}${said.trigger ? " trigger" : ""} ${said.state ?? ""}`}>
      <p class="by">
        <bdi>{said.name}</bdi>
        <time dateTime={new Date(said.at).toISOString()}>{time(said.at)}</time>
        {said.frustration !== undefined && <Frustration share={said.frustration} />}
        {said.from === "customer" && said.seq !== undefined && said.corrections.length === 0 && (said.frustration ?? 0) < NOTICED && (
          <Missed app={app} conversation={c.conversation} seq={said.seq} />
        )}
      </p>
      <p class="text" dir="auto" lang={foreign ? c.lang : undefined}>
        <Marked said={said} pick={(index) => (open.value = index)} />
      </p>
      {said.choices.length > 0 && (
        <ul class="choices" aria-label={t.thread.choices}>
          {said.choices.map((choice) => (
            <li key={choice} dir="auto">
              {choice}
            </li>
          ))}
        </ul>
      )}
      {told.length > 0 && (
        <ul class="signals" aria-label={t.signals.label}>
          {told.map(({ signal, index }) => (
            <li key={index}>
              {/* What calms is no annoyance that could have been heard wrongly. */}
              {signal.weight < 0 ? (
                <span data-strength="calm">
                  {named(t.signals.kind, signal.kind)} <span>{signed(signal.weight)}</span>
                </span>
              ) : (
                <button
                  type="button"
                  data-strength={strength(signal.weight)}
                  data-dismissed={dismissed(said.corrections, signal)}
                  aria-expanded={open.value === index}
                  aria-controls={panel}
                  aria-label={t.signals.correct(signalTitle(signal), words(said.text, signal))}
                  onClick={() => (open.value = open.value === index ? undefined : index)}
                >
                  {named(t.signals.kind, signal.kind)} <span>{signed(signal.weight)}</span>
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      <div id={panel}>
        {chosen !== undefined && said.seq !== undefined && (
          <Correcting app={app} conversation={c.conversation} seq={said.seq} said={said} signal={chosen} done={() => (open.value = undefined)} />
        )}
      </div>
      {said.corrections.map((correction, index) => (
        <p key={index} class="corrected">
          {t.told.feedback(app.name(correction.advisor), t.signals.said[correction.verdict])}
          {correction.note !== undefined && ` — ${correction.note}`}
        </p>
      ))}
      <State app={app} said={said} />
    </div>
  );
}

/** For a message in which nothing was heard, though there was something. */
function Missed({ app, conversation, seq }: { app: App; conversation: string; seq: number }) {
  const report = () => void app.ask({ type: "feedback", conversation, seq, verdict: "frustrated" });
  return (
    <button type="button" class="plain missed" onClick={report}>
      {texts.value.signals.more}
    </button>
  );
}

function signalTitle(signal: Signal): string {
  const t = texts.value.signals;
  return t.title(named(t.kind, signal.kind), signed(signal.weight));
}

function Marked({ said, pick }: { said: Said; pick: (index: number) => void }) {
  return (
    <>
      {pieces(said.text, said.signals).map((piece, index) => {
        const strongest = piece.signals[0];
        const signal = strongest === undefined ? undefined : said.signals[strongest];
        if (strongest === undefined || signal === undefined) return piece.text;
        const title = piece.signals.map((i) => signalTitle(said.signals[i] as Signal)).join(", ");
        return (
          // A click is a short cut for the mouse; the buttons below do the same for everybody.
          <mark
            key={index}
            title={title}
            data-strength={strength(signal.weight)}
            data-dismissed={dismissed(said.corrections, signal)}
            onClick={() => pick(strongest)}
          >
            {piece.text}
          </mark>
        );
      })}
    </>
  );
}

/** Somebody has said that this was heard wrongly: of these very words, or of the whole message. */
function dismissed(corrections: readonly Correction[], signal: Signal): boolean {
  const last = corrections.findLast(({ span }) => span === undefined || (span[0] === signal.start && span[1] === signal.end));
  return last !== undefined && last.verdict !== "frustrated";
}

interface CorrectingProps {
  app: App;
  conversation: string;
  seq: number;
  said: Said;
  signal: Signal;
  done: () => void;
}

function Correcting({ app, conversation, seq, said, signal, done }: CorrectingProps) {
  const t = texts.value.signals;
  const working = useSignal(false);
  const span = { start: signal.start, end: signal.end };
  const give = async (verdict: Verdict) => {
    working.value = true;
    // A span of no width points at nothing: then it is about the message.
    const about = span.start < span.end ? { span } : {};
    if (await app.ask({ type: "feedback", conversation, seq, verdict, ...about })) done();
    working.value = false;
  };
  const quoted = words(said.text, span);
  // A wish for a person is no annoyance: one can only say that it was none.
  const wish = signal.kind === "human_request";
  const verdicts = wish ? (["wrong_reason"] as const) : VERDICTS;
  return (
    <div
      class="correcting"
      role="group"
      aria-label={t.correct(named(t.kind, signal.kind), quoted)}
      onKeyDown={(event) => event.key === "Escape" && done()}
    >
      <p>
        {quoted !== "" && (
          <>
            <q dir="auto">{quoted}</q> —{" "}
          </>
        )}
        <strong>{signalTitle(signal)}</strong>. {t.question}
      </p>
      <p class="acts">
        {verdicts.map((verdict) => (
          <button key={verdict} type="button" disabled={working.value} onClick={() => void give(verdict)}>
            {wish ? t.noWish : t.verdict[verdict]}
          </button>
        ))}
      </p>
      <p class="faint">{t.teaches}</p>
    </div>
  );
}

function State({ app, said }: { app: App; said: Said }) {
  const t = texts.value.thread;
  const { state, failed } = said;
  if (state === undefined) return null;
  return (
    <p class="state">
      {t[state]}
      {failed !== undefined && (
        <>
          {` — ${failed.problem} `}
          <button
            type="button"
            class="plain"
            onClick={() => {
              app.setDraft(failed.conversation, failed.type === "note" ? "note" : "reply", failed.text);
              app.feed.discard(failed);
            }}
          >
            {t.edit}
          </button>{" "}
          <button type="button" class="plain" onClick={() => app.feed.discard(failed)}>
            {t.discard}
          </button>
        </>
      )}
    </p>
  );
}
