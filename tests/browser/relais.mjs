// The real program, started for one test file on a free port with a data folder of its own.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROGRAM = process.env.RELAIS ?? new URL("../../target/debug/relais", import.meta.url).pathname;
/** Longer than any honest start; a slow machine is no failure. */
const START_MS = 60_000;
const STOP_MS = 20_000;

/** `relais --demo`: its address, and everybody's one-time sign-in link by first name. */
export async function startDemo() {
  const data = await mkdtemp(join(tmpdir(), "relais-browser-"));
  const child = spawn(PROGRAM, ["--demo", "--listen", "127.0.0.1:0", "--data", data], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8");
  const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
  const ready = new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`relais did not start:\n${said}`)), START_MS);
    const done = (settle, value) => {
      clearTimeout(late);
      settle(value);
    };
    child.once("error", (error) => done(reject, error));
    void ended.then((how) => done(reject, new Error(`relais ended with ${how}:\n${said}`)));
    child.stderr.on("data", (text) => {
      said += text;
      // The last line of its greeting: everything else has been said.
      if (said.includes("Try it:")) done(resolve);
    });
  });
  try {
    await ready;
  } catch (error) {
    child.kill("SIGKILL");
    await rm(data, { recursive: true, force: true });
    throw error;
  }
  const base = /listening on (http:\/\/\S+)/.exec(said)?.[1];
  const links = new Map([...said.matchAll(/^\s+(\S+) \(.*?\)\s+(http:\S+#code=\S+)$/gm)].map(([, name, link]) => [name, link]));
  return {
    base,
    links,
    said: () => said,
    /** Ends it as an operator would, and says how it ended. */
    async stop() {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      const how = await ended;
      clearTimeout(late);
      await rm(data, { recursive: true, force: true });
      return how;
    },
  };
}
