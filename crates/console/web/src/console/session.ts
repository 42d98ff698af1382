// Signing in and out, over HTTP: the session is a cookie that no script can read.

import type { Role } from "../wire.ts";

export interface Session {
  advisor: string;
  role: Role;
  name: string;
}

export class SignInError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryMs: number | undefined,
  ) {
    super(message);
  }
}

async function call(method: "GET" | "POST", path: string, body?: unknown): Promise<unknown> {
  const init: RequestInit = { method, credentials: "same-origin", headers: { Accept: "application/json" } };
  if (body !== undefined) {
    init.headers = { ...init.headers, "Content-Type": "application/json" };
    init.body = JSON.stringify(body);
  }
  const response = await fetch(path, init);
  const text = await response.text();
  let answer: { error?: { code?: string; message?: string; retry_ms?: number }; retry_ms?: number } = {};
  try {
    if (text !== "") answer = JSON.parse(text);
  } catch {
    // A proxy's page: the status says enough.
  }
  if (response.ok) return answer;
  const { code = "", message = "", retry_ms } = answer.error ?? {};
  throw new SignInError(response.status, code, message, retry_ms ?? answer.retry_ms);
}

/** Who is signed in; undefined where nobody is. */
export async function me(): Promise<Session | undefined> {
  try {
    return (await call("GET", "/api/me")) as Session;
  } catch (error) {
    if (error instanceof SignInError && error.status === 401) return undefined;
    throw error;
  }
}

export async function signIn(proof: { code: string } | { name: string; password: string }): Promise<Session> {
  return (await call("POST", "/api/sign-in", proof)) as Session;
}

export async function signOut(): Promise<void> {
  await call("POST", "/api/sign-out");
}

export async function setPassword(password: string): Promise<void> {
  await call("POST", "/api/password", { password });
}

/** The one-time code of a sign-in link (`/console#code=…`); it leaves the address bar and the history at once. */
export function takeCode(): string | undefined {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (code === null) return undefined;
  history.replaceState(null, "", location.pathname);
  return code;
}
