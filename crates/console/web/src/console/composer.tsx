// Where an advisor writes: to the customer, or (yellow) to colleagues. `/` finds a canned reply.

import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
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
  const asked = mode === "reply" && !closed.value ? slash(text, caret.value) : undefined;
  const found = asked === undefined ? [] : find(asked.typed, c.lang);
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
    const reply = found[index];
    if (reply === undefined || asked === undefined) return;
    const put = fill(reply.text, customerName(c.customer));
    const next = text.slice(0, asked.from) + put + text.slice(caret.value);
    write(next);
    const at = asked.from + put.length;
    caret.value = at;
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(at, at);
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
        <ul class="canned" id="canned" role="listbox" aria-label={t.canned}>
          {found.length === 0 && <li class="empty">{t.noCanned}</li>}
          {found.map((reply, index) => (
            <li
              key={`${reply.lang}${reply.name}`}
              id={`canned-${index}`}
              role="option"
              aria-selected={index === marked.value}
              onPointerDown={(event) => {
                event.preventDefault();
                insert(index);
              }}
            >
              <strong>/{reply.name}</strong> <span lang={reply.lang}>{reply.text}</span>
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

/** The colleagues that a note names with `@`. */
function mentions(app: App, text: string): string[] {
  const named = new Set([...text.matchAll(/@([\p{L}\p{N}_.-]+)/gu)].map((found) => (found[1] as string).toLowerCase()));
  const colleagues = [...(app.feed.desk.value?.colleagues.values() ?? [])];
  return colleagues.filter((c) => named.has(c.advisor.toLowerCase()) || named.has((c.name.split(" ")[0] as string).toLowerCase())).map((c) => c.advisor);
}
