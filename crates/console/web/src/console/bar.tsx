// The bar: who I am, whether I take conversations, how the connection is, sound, and the menu.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Status } from "../wire.ts";
import { askPermission, permission, ring, soundLocked, soundOn, turnOff, turnOn } from "./alerts.ts";
import type { App, Dialog } from "./app-state.ts";
import { now } from "./clock.ts";
import { Icon, Logo } from "./icons.tsx";
import { choose, lang, LANGS, type Lang, texts } from "./texts/index.ts";

const STATUSES: readonly Status[] = ["available", "away", "offline"];

export function Bar({ app, signOut }: { app: App; signOut: () => void }) {
  const t = texts.value;
  return (
    <header class="bar">
      <p class="brand">
        <Logo />
        <strong>{t.app}</strong>
      </p>
      {app.supervisor.value && (
        <div class="views" role="group" aria-label={t.board.title}>
          <button type="button" aria-pressed={!app.board.value} onClick={() => (app.board.value = false)}>
            {t.board.mine}
          </button>
          <button type="button" aria-pressed={app.board.value} onClick={() => (app.board.value = true)}>
            {t.board.title}
          </button>
        </div>
      )}
      <LinkState app={app} />
      <Presence app={app} />
      <Sound />
      <Menu app={app} signOut={signOut} />
    </header>
  );
}

function LinkState({ app }: { app: App }) {
  const t = texts.value.link;
  const state = app.feed.link.value;
  const ready = app.feed.ready.value;
  const replaced = state.is === "refused" && state.code === 4409;
  let text = ready ? t.open : t.connecting;
  if (state.is === "waiting") text = t.waiting(Math.max(0, Math.ceil((state.retryAt - now.value) / 1000)));
  if (state.is === "refused") text = replaced ? t.replaced : t.refused;
  return (
    <p class="link" data-state={ready ? "open" : state.is}>
      {/* The seconds tick for the eye; only the change itself is told aloud. */}
      <span aria-hidden="true" class="dot" />
      <span aria-hidden={state.is === "waiting"}>{text}</span>
      <span class="hidden" role="status">
        {ready ? t.open : state.is === "refused" ? text : t.connecting}
      </span>
      {state.is === "refused" && (
        <button type="button" class="plain" onClick={() => app.feed.open()}>
          {t.here}
        </button>
      )}
    </p>
  );
}

function Presence({ app }: { app: App }) {
  const t = texts.value.presence;
  const desk = app.feed.desk.value;
  if (desk === undefined) return null;
  const { me, colleagues } = desk;
  const mine = colleagues.get(me.id);
  const disabled = !app.feed.ready.value;
  return (
    <>
      <fieldset class="presence" disabled={disabled}>
        <legend class="hidden">{t.label}</legend>
        {STATUSES.map((status) => (
          <label key={status} data-status={status}>
            <input
              type="radio"
              name="presence"
              checked={me.status === status}
              onChange={() => void app.ask({ type: "presence", status })}
            />
            <span>
              <i aria-hidden="true" />
              {t.status[status]}
            </span>
          </label>
        ))}
      </fieldset>
      {mine !== undefined && (
        <p class="load" title={t.loadLabel(mine.held, mine.capacity)}>
          <meter min={0} max={Math.max(1, mine.capacity)} value={mine.held} aria-label={t.loadLabel(mine.held, mine.capacity)} />
          <span aria-hidden="true">{t.load(mine.held, mine.capacity)}</span>
        </p>
      )}
    </>
  );
}

function Sound() {
  const t = texts.value.sound;
  const on = soundOn.value;
  const label = !on ? t.off : soundLocked.value ? t.locked : t.on;
  return (
    <button
      type="button"
      class="tool"
      aria-pressed={on}
      aria-label={on ? t.turnOff : t.turnOn}
      title={label}
      onClick={() => (on ? turnOff() : void turnOn().then(() => ring("offer")))}
    >
      <Icon of={on ? "bell" : "mute"} />
    </button>
  );
}

function Menu({ app, signOut }: { app: App; signOut: () => void }) {
  const t = texts.value;
  const open = useSignal(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open.value) return;
    const outside = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) open.value = false;
    };
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, [open.value]);
  const leave = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    open.value = false;
    button.current?.focus();
  };
  const show = (dialog: Dialog) => () => {
    open.value = false;
    app.dialog.value = dialog;
  };
  const allowed = permission.value;
  return (
    <div class="menu" ref={box} onKeyDown={leave}>
      <button ref={button} type="button" class="who" aria-expanded={open.value} aria-controls="menu" onClick={() => (open.value = !open.value)}>
        <span dir="auto">{app.feed.desk.value?.me.name ?? app.session.name}</span>
        <Icon of="menu" />
        <span class="hidden">{t.menu.label}</span>
      </button>
      {open.value && (
        <div id="menu" class="sheet">
          <label>
            {t.menu.language}
            <select
              value={lang.value}
              onChange={(event) => {
                choose(event.currentTarget.value as Lang);
                app.feed.again();
              }}
            >
              {(Object.keys(LANGS) as Lang[]).map((code) => (
                <option key={code} value={code} lang={code}>
                  {LANGS[code].name}
                </option>
              ))}
            </select>
          </label>
          <p>
            {t.menu.notifications}
            {allowed === "default" ? (
              <button type="button" class="plain" onClick={() => void askPermission()}>
                {t.notifications.default}
              </button>
            ) : (
              <span>{t.notifications[allowed]}</span>
            )}
          </p>
          <button type="button" onClick={() => void turnOn().then(() => ring("offer"))}>
            {t.sound.test}
          </button>
          <button type="button" onClick={show("canned")}>
            {t.menu.canned}
          </button>
          <button type="button" onClick={show("shortcuts")}>
            {t.menu.shortcuts} <kbd>?</kbd>
          </button>
          <button type="button" onClick={show("password")}>
            {t.password.title}
          </button>
          <button type="button" onClick={signOut}>
            {t.signIn.out}
          </button>
        </div>
      )}
    </div>
  );
}
