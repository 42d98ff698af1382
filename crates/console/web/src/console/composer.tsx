// Where an advisor writes: to the customer, or (yellow) to colleagues. `/` finds a canned reply, `@` a colleague.

import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Presence } from "../wire.ts";
import type { App, Mode } from "./app-state.ts";
import { fill, find, slash } from "./canned.ts";
import { type Conversation, customerName } from "./desk.ts";
import { Icon } from "./icons.tsx";
import { texts } from "./texts/index.ts";

/** `modes`: who stands beside a conversation writes to colleagues only. */
export function Composer({ app, c, modes }: { app: App; c: Conversation; modes: readonly Mode[] }) {
  const t = texts.value.composer;
  const mode = modes.includes(app.mode.value) ? app.mode.value : (modes[0] as Mode);
  const id = c.conversation;
  const text = app.draft(id, mode);
  const field = useRef<HTMLTextAreaElement>(null);
  const caret = useSignal(0);
  const marked = useSignal(0);
  const closed = useSignal(false);
  const asked = closed.value ? undefined : mode === "reply" ? slash(text, caret.value) : at(text, caret.value);
  const found = asked === undefined ? [] : mode === "reply" ? replies(asked.typed, c) : colleagues(app, asked.typed);
  useEffect(() => {
    // Beside a conversation one reads first.
    if (modes.includes("reply")) field.current?.focus();
  }, [mode]);
  useLayoutEffect(() => {
    // As high as what is written; the style sheet has the limit.
    const element = field.current;
    if (element !== null) element.rows = Math.min(8, Math.max(2, text.split("\n").length + Math.floor(text.length / 90)));
  }, [text]);

  const write = (next: string) => {
    app.setDraft(id, mode, next);
    if (mode === "reply") app.feed.typing(id, next !== "");
  };
  const send = () => {
    const words = text.trim();
    if (words === "") return;
    if (mode === "reply") app.feed.say(id, words);
    else app.feed.note(id, words, mentions(app, words));
    app.setDraft(id, mode, "");
    field.current?.focus();
  };
  const insert = (index: number) => {
    const proposal = found[index];
    if (proposal === undefined || asked === undefined) return;
    write(text.slice(0, asked.from) + proposal.put + text.slice(caret.value));
    const end = asked.from + proposal.put.length;
    caret.value = end;
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(end, end);
    });
  };
  const keys = (event: KeyboardEvent) => {
    // While an input method composes, its keys are its own.
    if (event.isComposing) return;
    if (found.length > 0) {
      const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      if (step !== 0) {
        event.preventDefault();
        marked.value = (marked.value + step + found.length) % found.length;
        return;
      }
      if (event.key === "Enter" || event.key === "Tab") {
        event.preventDefault();
        insert(marked.value);
        return;
      }
    }
    if (event.key === "Escape") {
      if (asked !== undefined) closed.value = true;
      else field.current?.blur();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    }
  };
  const moved = () => {
    caret.value = field.current?.selectionStart ?? 0;
  };
  return (
    <form
      class="composer"
      data-mode={mode}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div class="tabs" role="group" aria-label={t.tabs}>
        {modes.map((each) => (
          <button key={each} type="button" aria-pressed={mode === each} onClick={() => (app.mode.value = each)}>
            {t[each]}
          </button>
        ))}
        <span class="hint">{t.hint}</span>
      </div>
      {asked !== undefined && (
        <ul class="canned" id="canned" role="listbox" aria-label={mode === "reply" ? t.canned : t.colleagues}>
          {found.length === 0 && <li class="empty">{mode === "reply" ? t.noCanned : t.noColleague}</li>}
          {found.map((proposal, index) => (
            <li
              key={proposal.key}
              id={`canned-${index}`}
              role="option"
              aria-selected={index === marked.value}
              onPointerDown={(event) => {
                event.preventDefault();
                insert(index);
              }}
            >
              <strong>{proposal.head}</strong> <span lang={proposal.lang}>{proposal.text}</span>
            </li>
          ))}
        </ul>
      )}
      <div class="field">
        <label class="hidden" for="write">
          {t[mode]}
        </label>
        <textarea
          id="write"
          ref={field}
          rows={2}
          maxLength={8000}
          dir="auto"
          placeholder={mode === "reply" ? t.placeholder(app.customer(c)) : t.notePlaceholder}
          value={text}
          aria-autocomplete="list"
          aria-controls={asked === undefined ? undefined : "canned"}
          aria-activedescendant={found.length > 0 ? `canned-${marked.value}` : undefined}
          onInput={(event) => {
            closed.value = false;
            marked.value = 0;
            write(event.currentTarget.value);
            moved();
          }}
          onKeyUp={moved}
          onClick={moved}
          onKeyDown={keys}
        />
        <button type="submit" class="primary" disabled={text.trim() === ""}>
          <Icon of="send" /> {mode === "reply" ? t.send : t.addNote}
        </button>
      </div>
    </form>
  );
}

/** Something that may stand where one writes. */
interface Proposal {
  key: string;
  head: string;
  text: string;
  lang?: string;
  put: string;
}

function replies(typed: string, c: Conversation): Proposal[] {
  return find(typed, c.lang).map(({ lang, name, text }) => ({ key: lang + name, head: `/${name}`, text, lang, put: fill(text, customerName(c.customer)) }));
}

/** The `@…` that is being written, and where it begins. */
function at(text: string, caret: number): { typed: string; from: number } | undefined {
  const found = /(?:^|\s)@([\p{L}\p{N}_.-]*)$/u.exec(text.slice(0, caret));
  return found === null ? undefined : { typed: found[1] as string, from: caret - (found[1] as string).length - 1 };
}

function everybody(app: App): Presence[] {
  return [...(app.feed.desk.value?.colleagues.values() ?? [])];
}

function firstName(person: Presence): string {
  return person.name.split(" ")[0] as string;
}

/** Colleagues whose name begins so; the first name names them, unless two have the same. */
function colleagues(app: App, typed: string): Proposal[] {
  const begins = (name: string) => name.toLowerCase().startsWith(typed.toLowerCase());
  const all = everybody(app);
  return all
    .filter((person) => person.advisor !== app.session.advisor && (begins(person.advisor) || begins(firstName(person))))
    .map((person) => {
      const alone = all.filter((other) => firstName(other) === firstName(person)).length === 1;
      const name = alone ? firstName(person) : person.advisor;
      return { key: person.advisor, head: `@${name}`, text: person.name, put: `@${name} ` };
    });
}

/** The colleagues that a note names with `@`. */
function mentions(app: App, text: string): string[] {
  const named = new Set([...text.matchAll(/@([\p{L}\p{N}_.-]+)/gu)].map((found) => (found[1] as string).toLowerCase()));
  return everybody(app)
    .filter((person) => named.has(person.advisor.toLowerCase()) || named.has(firstName(person).toLowerCase()))
    .map((person) => person.advisor);
}
