// The opened widget: who has the conversation, what was said, and what can be done now.

import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { useEnd } from "../end.ts";
import { Leaving, SurveyForm } from "./forms.tsx";
import { BotFace, CloseIcon, Face, SendIcon } from "./icons.tsx";
import { type Line, lines, markSeen } from "./lines.ts";
import type { Talk } from "./talk.ts";
import type { Texts } from "./texts/index.ts";

export interface PanelProps {
  talk: Talk;
  t: Texts;
  lang: string;
  minimise: () => void;
}

export function Panel({ talk, t, lang, minimise }: PanelProps) {
  const panel = useRef<HTMLElement>(null);
  // Full screen on a small one: then, and only then, the rest of the page is out of reach.
  const small = matchMedia("(max-width: 30rem)").matches;
  const keys = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      minimise();
    } else if (event.key === "Tab" && small && panel.current !== null) {
      keepFocus(event, panel.current);
    }
  };
  const bot = botName(talk, t);
  // A page that may not carry the widget invites nobody to write what would never be sent.
  const { value: link } = talk.link;
  const nothing = talk.events.value.length + talk.outbox.value.length + talk.failed.value.length === 0;
  const shut = link.is === "refused" && link.code !== 4409 && nothing;
  return (
    <section
      ref={panel}
      id="panel"
      class="panel"
      role="dialog"
      aria-modal={small}
      aria-label={t.title(talk.site.value.name)}
      lang={lang}
      onKeyDown={keys}
    >
      <Head talk={talk} t={t} bot={bot} minimise={minimise} />
      <LinkBar talk={talk} t={t} />
      {!shut && <Log talk={talk} t={t} bot={bot} />}
      {!shut && <Below talk={talk} t={t} />}
    </section>
  );
}

export function botName(talk: Talk, t: Texts): string {
  return talk.site.value.texts.bot_name ?? t.bot;
}

function Head({ talk, t, bot, minimise }: { talk: Talk; t: Texts; bot: string; minimise: () => void }) {
  const { word, name } = talk.owner.value;
  const waits = word === "queue" || word === "offered";
  const title = word === "advisor" ? (name ?? t.advisor) : word === "bot" ? bot : talk.site.value.name || bot;
  const state = word === "advisor" ? t.advisorTag : word === "bot" ? t.botTag : waits ? t.waiting : t.over;
  return (
    <div class="head">
      {word === "advisor" ? <Face name={title} /> : <BotFace />}
      <div class="who">
        <strong dir="auto">{title}</strong>
        <span>{state}</span>
      </div>
      <button type="button" class="icon" aria-label={t.minimise} title={t.minimise} onClick={minimise}>
        <CloseIcon />
      </button>
    </div>
  );
}

function LinkBar({ talk, t }: { talk: Talk; t: Texts }) {
  const state = talk.link.value;
  let text = "";
  if (state.is === "waiting") text = t.link.waiting;
  else if (state.is === "connecting" && talk.events.value.length > 0) text = t.link.connecting;
  else if (state.is === "refused") text = state.code === 4409 ? t.link.replaced : t.link.refused;
  return (
    <div class="link" role="status" data-state={state.is}>
      {text}
      {state.is === "refused" && (
        <button type="button" class="plain" onClick={() => talk.open()}>
          {state.code === 4409 ? t.link.here : t.link.again}
        </button>
      )}
    </div>
  );
}

function Log({ talk, t, bot }: { talk: Talk; t: Texts; bot: string }) {
  const { box, below, scrolled, toEnd, follow, came } = useEnd(40, true);
  const all = useComputed(() =>
    markSeen(lines(talk.events.value, talk.outbox.value, talk.failed.value, talk.ready.value, t, botName(talk, t)), talk.seenByAdvisor.value),
  ).value;
  const count = all.length;
  const mine = all.at(-1)?.is === "said" && (all.at(-1) as Line & { is: "said" }).from === "customer";
  useEffect(() => came(mine), [count]);
  const typing = talk.typing.value;
  useEffect(follow, [typing]);
  const greeting = talk.site.value.texts.greeting ?? t.greeting;
  const greeted = talk.events.value.some((e) => e.kind === "message" && e.from === "bot");
  return (
    <div class="middle">
      {/* Announcements have a region of their own (element.tsx): some readers would read this one from the top each time. */}
      <div ref={box} class="log" role="log" aria-live="off" aria-label={t.log} tabIndex={0} onScroll={scrolled}>
        {!greeted && <Said line={{ is: "said", key: "greeting", from: "bot", name: bot, text: greeting, at: 0 }} first t={t} talk={talk} />}
        {all.map((line, index) =>
          line.is === "told" ? (
            <p key={line.key} class="told" dir="auto">
              {line.text}
            </p>
          ) : (
            <Said key={line.key} line={line} first={!sameSpeaker(all[index - 1], line)} t={t} talk={talk} />
          ),
        )}
        {typing !== null && (
          <p class="typing" aria-hidden="true">
            <i /> <i /> <i /> {t.typing(typing.name ?? talk.owner.value.name ?? bot)}
          </p>
        )}
      </div>
      {below.value && (
        <button type="button" class="below" onClick={toEnd}>
          {t.newBelow}
        </button>
      )}
    </div>
  );
}

function sameSpeaker(before: Line | undefined, line: Line & { is: "said" }): boolean {
  return before?.is === "said" && before.from === line.from && before.name === line.name;
}

function Said({ line, first, t, talk }: { line: Line & { is: "said" }; first: boolean; t: Texts; talk: Talk }) {
  const { from, name, text, state, failed } = line;
  const mine = from === "customer";
  return (
    <div class={`said ${from}${first ? " first" : ""}${state === undefined ? "" : ` ${state}`}`}>
      {!mine && first && (from === "bot" ? <BotFace /> : <Face name={name} />)}
      <div class="words">
        {first && (
          <span class={mine ? "hidden" : "name"}>
            <bdi>{name}</bdi>
            {from === "bot" && <em>{t.botTag}</em>}
          </span>
        )}
        <p class="text" dir="auto">
          {text}
        </p>
        {mine && state !== undefined && state !== "sent" && (
          <span class="state">
            {t.state[state]}
            {failed !== undefined && ` — ${failed.problem}`}
          </span>
        )}
        {mine && state === "sent" && !line.seen && <span class="hidden">{t.state.sent}</span>}
        {line.seen === true && <span class="state">{t.state.seen}</span>}
        {failed !== undefined && (
          <span class="row">
            {failed.frame.type === "message" && (
              <button type="button" class="plain" onClick={() => talk.edit(failed)}>
                {t.edit}
              </button>
            )}
            <button type="button" class="plain" onClick={() => talk.discard(failed)}>
              {t.discard}
            </button>
          </span>
        )}
        {line.choices !== undefined && (
          <div class="choices" role="group" aria-label={t.choices}>
            {line.choices.map((choice) => (
              <button key={choice} type="button" dir="auto" onClick={(event) => choose(talk, choice, event)}>
                {choice}
              </button>
            ))}
          </div>
        )}
      </div>
    </div>
  );
}

/** Takes an answer. Its button goes: whoever chose by keyboard is brought to where one writes. */
function choose(talk: Talk, choice: string, event: MouseEvent): void {
  const root = (event.currentTarget as HTMLElement).getRootNode() as ShadowRoot;
  talk.say(choice);
  if (event.detail === 0) root.querySelector<HTMLElement>("#text")?.focus();
}

/** Under the log: the place in the line, the forms that fit the moment, the composer. */
function Below({ talk, t }: { talk: Talk; t: Texts }) {
  const { word } = talk.owner.value;
  if (talk.closed.value) {
    return (
      <div class="foot">
        {talk.surveyAsked.value && <SurveyForm talk={talk} t={t} />}
        {talk.surveyed.value && <p class="notice">{t.survey.done}</p>}
        <button type="button" class={talk.surveyAsked.value ? "plain wide" : "primary"} onClick={() => talk.startAgain()}>
          {t.fresh}
        </button>
      </div>
    );
  }
  const waits = word === "queue" || word === "offered";
  const nobody = talk.availability.value === "closed";
  return (
    <div class="foot">
      {waits && !nobody && talk.left.value === null && <Place talk={talk} t={t} />}
      {waits && talk.left.value === null && (nobody || talk.leaving.value) && <Leaving talk={talk} t={t} />}
      {waits && !nobody && talk.left.value === null && !talk.leaving.value && (
        <details class="call">
          <summary id="calling">{t.leaving.instead}</summary>
          <Leaving talk={talk} t={t} waits />
        </details>
      )}
      {/* Once the server has it, its own words in the log say so. */}
      {talk.left.value !== null && talk.outbox.value.some(({ frame }) => frame.type === "leave_message" || frame.type === "callback") && (
        <p class="notice" role="status">
          {t.leaving.done(talk.left.value)}
        </p>
      )}
      {talk.surveyAsked.value && <SurveyForm talk={talk} t={t} />}
      <Composer talk={talk} t={t} />
      <div class="acts">
        {word === "bot" && (
          <button type="button" class="plain" disabled={talk.humanAsked.value} onClick={() => talk.askHuman()}>
            {talk.humanAsked.value ? t.humanAsked : nobody ? t.leave : t.human}
          </button>
        )}
        <End talk={talk} t={t} />
      </div>
    </div>
  );
}

function Place({ talk, t }: { talk: Talk; t: Texts }) {
  const position = talk.position.value;
  if (talk.owner.value.word === "offered") {
    return (
      <p class="notice place" role="status">
        <strong>{t.asked}</strong>
      </p>
    );
  }
  const place = position?.ahead == null ? t.placeUnknown : t.place(position.ahead);
  const wait = position?.wait == null ? t.waitUnknown : t.wait(position.wait);
  return (
    <p class="notice place" role="status">
      <strong>{place}</strong> <span>{wait}</span>
    </p>
  );
}

function End({ talk, t }: { talk: Talk; t: Texts }) {
  const asking = useSignal(false);
  if (!talk.events.value.some((e) => e.kind === "message" && e.from === "customer")) return null;
  if (!asking.value) {
    return (
      <button type="button" class="plain quiet" onClick={() => (asking.value = true)}>
        {t.end}
      </button>
    );
  }
  return (
    <span class="row" role="group" aria-label={t.endSure}>
      <button type="button" class="plain" autoFocus onClick={() => talk.end()}>
        {t.yes}
      </button>
      <button type="button" class="plain" onClick={() => (asking.value = false)}>
        {t.no}
      </button>
    </span>
  );
}

function Composer({ talk, t }: { talk: Talk; t: Texts }) {
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus({ preventScroll: true }), []);
  useSignalEffect(() => {
    // As high as what is written, up to a limit that the style sheet sets.
    const element = field.current;
    if (element === null) return;
    element.rows = Math.min(5, Math.max(1, talk.draft.value.split("\n").length));
  });
  const send = () => {
    talk.say(talk.draft.value);
    field.current?.focus();
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <label class="hidden" for="text">
        {t.write}
      </label>
      <textarea
        id="text"
        ref={field}
        rows={1}
        maxLength={8000}
        dir="auto"
        placeholder={t.placeholder}
        value={talk.draft.value}
        onInput={(event) => talk.type(event.currentTarget.value)}
        onKeyDown={(event) => {
          // While an input method composes, Enter chooses a word.
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      <button type="submit" class="icon send" aria-label={t.send} title={t.send} disabled={talk.draft.value.trim() === ""}>
        <SendIcon />
      </button>
    </form>
  );
}

/** Tab goes round inside a full-screen panel. */
function keepFocus(event: KeyboardEvent, panel: HTMLElement): void {
  const able = [...panel.querySelectorAll<HTMLElement>("button, textarea, input, [tabindex='0']")].filter((e) => !e.matches(":disabled"));
  const [first, last] = [able[0], able.at(-1)];
  const active = (panel.getRootNode() as ShadowRoot).activeElement;
  const target = event.shiftKey && active === first ? last : !event.shiftKey && active === last ? first : undefined;
  if (target === undefined) return;
  event.preventDefault();
  target.focus();
}
