// Being noticed: sound, desktop notification, the title and the icon of the tab. Each is off until the person says so,
// but for the title.

import { effect, signal } from "@preact/signals";
import calmIcon from "./icon.svg";
import loudIcon from "./icon-alert.svg";
import { recall, remember } from "./storage.ts";

/** Wanted by the person; browsers let it sound only after a click on the page. */
export const soundOn = signal(recall("sound", false));
/** Wanted, but this page was not clicked yet. */
export const soundLocked = signal(false);
export const permission = signal<NotificationPermission | "none">(typeof Notification === "undefined" ? "none" : Notification.permission);

let audio: AudioContext | undefined;

effect(() => remember("sound", soundOn.value));

/** After a reload the browser wants a click first: any will do. */
export function unlockOnFirstClick(): void {
  if (!soundOn.value) return;
  soundLocked.value = true;
  const unlock = () => void turnOn();
  addEventListener("pointerdown", unlock, { once: true });
  addEventListener("keydown", unlock, { once: true });
}

export async function turnOn(): Promise<void> {
  audio ??= new AudioContext();
  await audio.resume();
  soundOn.value = true;
  soundLocked.value = audio.state !== "running";
}

export function turnOff(): void {
  soundOn.value = false;
  soundLocked.value = false;
}

/** Two rising notes for an offer, one soft one for a message. */
export function ring(what: "offer" | "message"): void {
  if (!soundOn.value || audio?.state !== "running") return;
  const notes = what === "offer" ? [660, 880] : [520];
  const start = audio.currentTime;
  for (const [index, frequency] of notes.entries()) {
    const at = start + index * 0.16;
    const tone = new OscillatorNode(audio, { type: "sine", frequency });
    const gain = new GainNode(audio, { gain: 0 });
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(what === "offer" ? 0.25 : 0.12, at + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.001, at + 0.35);
    tone.connect(gain).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.4);
  }
}

export async function askPermission(): Promise<void> {
  if (typeof Notification !== "undefined") permission.value = await Notification.requestPermission();
}

/** On the desktop, while the page is not looked at. The text names no customer's words: screens have onlookers. */
export function notify(title: string, body: string, tag: string, clicked: () => void): void {
  if (permission.value !== "granted" || document.visibilityState === "visible") return;
  const notification = new Notification(title, { body, tag, icon: loudIcon });
  notification.onclick = () => {
    focus();
    clicked();
    notification.close();
  };
}

/** What waits, in the tab's title and icon. */
export function badge(count: number): void {
  document.title = count > 0 ? `(${count}) Relais` : "Relais";
  const link = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  const icon = count > 0 ? loudIcon : calmIcon;
  if (link !== null && link.getAttribute("href") !== icon) link.href = icon;
}
