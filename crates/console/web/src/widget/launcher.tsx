// The round button in the corner, the panel when it is open, and the region that reads new messages aloud.

import type { Signal } from "@preact/signals";
import { ChatIcon } from "./icons.tsx";
import { Panel } from "./panel.tsx";
import type { Talk } from "./talk.ts";
import type { Texts } from "./texts/index.ts";

interface LauncherProps {
  talk: Talk;
  t: Texts;
  lang: string;
  opened: Signal<boolean>;
  announced: Signal<{ count: number; text: string }>;
  open: () => void;
  minimise: () => void;
}

export function Launcher({ talk, t, lang, opened, announced, open, minimise }: LauncherProps) {
  const unread = talk.unread.value;
  return (
    <>
      {opened.value && <Panel talk={talk} t={t} lang={lang} minimise={minimise} />}
      <button
        type="button"
        class="launcher"
        lang={lang}
        aria-label={opened.value ? t.minimise : t.launcher(unread)}
        aria-expanded={opened.value}
        aria-controls={opened.value ? "panel" : undefined}
        onClick={opened.value ? minimise : open}
      >
        <ChatIcon />
        {!opened.value && unread > 0 && <span class="badge">{unread > 9 ? "9+" : unread}</span>}
      </button>
      <div class="hidden" aria-live="polite" dir="auto">
        <p key={announced.value.count}>{announced.value.text}</p>
      </div>
    </>
  );
}
