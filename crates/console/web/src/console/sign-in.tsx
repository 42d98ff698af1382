// Name and password; who comes with a one-time link never sees this.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Logo } from "./icons.tsx";
import { type Session, signIn, SignInError } from "./session.ts";
import { choose, lang, LANGS, type Lang, texts } from "./texts/index.ts";

export function SignIn({ problem, enter }: { problem: string; enter: (session: Session) => void }) {
  const t = texts.value.signIn;
  const working = useSignal(false);
  const said = useSignal(problem);
  useEffect(() => void (said.value = problem), [problem]);
  const submit = async (event: Event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    working.value = true;
    try {
      enter(await signIn({ name: String(form.get("name")).trim(), password: String(form.get("password")) }));
    } catch (error) {
      said.value = sentence(error);
    } finally {
      working.value = false;
    }
  };
  return (
    <main class="sign-in">
      <form onSubmit={submit} aria-labelledby="sign-in">
        <Logo />
        <h1 id="sign-in">{t.title}</h1>
        <p class="problem" role="alert">
          {said.value}
        </p>
        <label for="name">{t.name}</label>
        <input id="name" name="name" autocomplete="username" autocapitalize="none" spellcheck={false} required autoFocus />
        <label for="password">{t.password}</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required />
        <button type="submit" class="primary" disabled={working.value}>
          {working.value ? t.working : t.action}
        </button>
      </form>
      <p class="languages">
        {(Object.keys(LANGS) as Lang[]).map((code) => (
          <button key={code} type="button" class="plain" lang={code} aria-pressed={lang.value === code} onClick={() => choose(code)}>
            {LANGS[code].name}
          </button>
        ))}
      </p>
    </main>
  );
}

function sentence(error: unknown): string {
  const t = texts.value.signIn;
  if (!(error instanceof SignInError)) return t.failed;
  if (error.status === 429) return t.later(Math.ceil((error.retryMs ?? 30_000) / 1000));
  return error.status === 401 || error.status === 400 ? t.wrong : t.failed;
}
