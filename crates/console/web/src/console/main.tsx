// The console's start: who is signed in, and then the sign-in form or the desk.

import { signal, useSignal } from "@preact/signals";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { unlockOnFirstClick } from "./alerts.ts";
import { App } from "./app-state.ts";
import { Desktop } from "./desktop.tsx";
import { me, type Session, signIn, SignInError, signOut, takeCode } from "./session.ts";
import { SignIn } from "./sign-in.tsx";
import { texts } from "./texts/index.ts";

const app = signal<App | undefined>(undefined);

function Console() {
  const state = useSignal<"asking" | "out">("asking");
  const problem = useSignal("");
  const enter = (session: Session) => {
    app.value?.dispose();
    problem.value = "";
    app.value = new App(session);
  };
  const arrive = async (code: string | undefined) => {
    try {
      const session = code === undefined ? await me() : await signIn({ code });
      if (session !== undefined) return enter(session);
    } catch (error) {
      const refused = error instanceof SignInError && error.status < 500;
      problem.value = !refused ? texts.value.signIn.failed : code === undefined ? "" : texts.value.signIn.wrongCode;
    }
    state.value = "out";
  };
  useEffect(() => {
    void arrive(takeCode());
    // A link opened in a tab that is on the console already changes its fragment and loads nothing.
    const linked = () => {
      const code = takeCode();
      if (code !== undefined) void arrive(code);
    };
    addEventListener("hashchange", linked);
    return () => removeEventListener("hashchange", linked);
  }, []);
  const current = app.value;
  const leave = (why: string) => {
    current?.dispose();
    app.value = undefined;
    problem.value = why;
    state.value = "out";
  };
  // The server has ended the session: by a sign-out elsewhere, or by time.
  const ended = current?.feed.signedOut.value === true;
  useEffect(() => {
    if (ended) leave(texts.value.signIn.expired);
  }, [ended]);
  if (current !== undefined) {
    const out = async () => {
      await signOut().catch(() => undefined);
      leave("");
    };
    return <Desktop app={current} signOut={out} />;
  }
  return state.value === "out" ? <SignIn problem={problem.value} enter={enter} /> : <p class="loading">{texts.value.thread.loading}</p>;
}

unlockOnFirstClick();
const root = document.getElementById("app");
if (root !== null) render(<Console />, root);
