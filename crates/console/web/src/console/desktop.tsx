// The console once signed in: bar above, then list, conversation and details side by side.

import { useEffect } from "preact/hooks";
import type { App } from "./app-state.ts";
import { Bar } from "./bar.tsx";
import { Board } from "./board.tsx";
import { Details } from "./details.tsx";
import { Dialogs } from "./dialogs.tsx";
import { Side } from "./side.tsx";
import { listen } from "./shortcuts.ts";
import { texts } from "./texts/index.ts";
import { Thread } from "./thread.tsx";

export function Desktop({ app, signOut }: { app: App; signOut: () => void }) {
  const t = texts.value;
  useEffect(() => listen(app), [app]);
  const { board, details, current, selected } = app;
  const showDetails = details.value && !board.value && current.value !== undefined;
  const focus = selected.value !== undefined || board.value ? "middle" : "side";
  return (
    <div class="desktop" data-details={showDetails} data-focus={focus}>
      <a class="skip" href="#conversation">
        {t.skip}
      </a>
      <Bar app={app} signOut={signOut} />
      <Side app={app} />
      <main id="conversation" class="middle" tabIndex={-1}>
        {board.value ? <Board app={app} /> : <Thread app={app} />}
      </main>
      {showDetails && current.value !== undefined && <Details app={app} c={current.value} />}
      <Dialogs app={app} />
      <div class="toast" role="status">
        {app.toast.value}
      </div>
      <div class="hidden" aria-live="polite" dir="auto">
        <p key={app.announced.value.count}>{app.announced.value.text}</p>
      </div>
    </div>
  );
}
