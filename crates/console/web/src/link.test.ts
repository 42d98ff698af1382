// The socket that comes back.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeSocket } from "../tests/fake-socket.ts";
import { FIRST_PAUSE, Link, type LinkState, LONGEST_PAUSE, newCid, OVERLOADED_PAUSE, pause, socketUrl } from "./link.ts";

let states: LinkState["is"][];
let link: Link<unknown, object>;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.install();
  states = [];
  link = new Link("ws://house/ws", { opened: () => undefined, received: () => undefined, changed: (state) => states.push(state.is) });
});
afterEach(() => {
  link.close();
  vi.useRealTimers();
});

test("a pause grows to its limit, is drawn between half and whole, and is longer for an overloaded server", () => {
  expect(pause(0, 1006, 0)).toBe(FIRST_PAUSE / 2);
  expect(pause(0, 1006, 1)).toBe(FIRST_PAUSE);
  expect(pause(3, 1006, 1)).toBe(FIRST_PAUSE * 8);
  expect(pause(1000, 1006, 1)).toBe(LONGEST_PAUSE);
  expect(pause(0, 1013, 1)).toBe(OVERLOADED_PAUSE);
});

test("it comes back for ever, and says so each time", () => {
  link.open();
  expect(FakeSocket.last.protocol).toBe("relais.v1");
  FakeSocket.last.opens();
  for (let round = 1; round <= 50; round++) {
    FakeSocket.last.closes(1012);
    expect(states.at(-1)).toBe("waiting");
    vi.advanceTimersByTime(LONGEST_PAUSE);
    expect(FakeSocket.all.length).toBe(round + 1);
    expect(states.at(-1)).toBe("connecting");
  }
});

test.each([1003, 1007, 1008, 4401, 4403, 4409])("after %i it does not come back by itself, but may be asked to", (code) => {
  link.open();
  FakeSocket.last.opens().closes(code);
  vi.advanceTimersByTime(10 * LONGEST_PAUSE);
  expect(FakeSocket.all.length).toBe(1);
  expect(link.state).toEqual({ is: "refused", code });
  link.open();
  expect(FakeSocket.all.length).toBe(2);
});

test("what an abandoned socket still says is heard by nobody", () => {
  const received = vi.fn();
  const mine = new Link("ws://house/ws", { opened: () => undefined, received, changed: () => undefined });
  mine.open();
  const old = FakeSocket.last.opens();
  mine.drop();
  old.says({ type: "late" });
  old.closes(1006);
  vi.advanceTimersByTime(LONGEST_PAUSE);
  FakeSocket.last.opens().says({ type: "new" });
  expect(received.mock.calls).toEqual([[{ type: "new" }]]);
  expect(old.closedWith).toBe(4000);
  mine.close();
});

test("a network that comes back ends the pause, one that goes ends the socket", () => {
  link.open();
  FakeSocket.last.opens();
  dispatchEvent(new Event("offline"));
  expect(states.at(-1)).toBe("waiting");
  dispatchEvent(new Event("online"));
  expect(states.at(-1)).toBe("connecting");
  expect(FakeSocket.all.length).toBe(2);
});

test("nothing is sent on what is not open, and broken frames are passed over", () => {
  expect(link.send({ type: "x" })).toBe(false);
  link.open();
  expect(link.send({ type: "x" })).toBe(false);
  const socket = FakeSocket.last.opens();
  expect(link.send({ type: "x" })).toBe(true);
  socket.onmessage?.({ data: "{" });
  socket.onmessage?.({ data: new ArrayBuffer(1) });
  expect(link.state.is).toBe("open");
});

test("addresses follow the page's scheme, and ids do not repeat", () => {
  expect(socketUrl("https://chat.example.org", "/ws/customer")).toBe("wss://chat.example.org/ws/customer");
  expect(socketUrl("http://127.0.0.1:8080", "/ws/advisor")).toBe("ws://127.0.0.1:8080/ws/advisor");
  const ids = new Set(Array.from({ length: 1000 }, newCid));
  expect(ids.size).toBe(1000);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
});
