// The end of a log: who reads there stays there, who has scrolled upwards is told that something came below.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

/**
 * `slack`: how far from the end, in CSS pixels, still counts as there. `grows`: the log may become longer without a new
 * line, as by choices below an answer, and its end is followed then too.
 */
export function useEnd(slack: number, grows: boolean) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const top = useRef(0);
  const below = useSignal(false);
  const toEnd = () => box.current?.scrollTo({ top: box.current.scrollHeight });
  const follow = () => {
    if (atEnd.current) toEnd();
  };
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    // A form or a taller composer below takes room from the log: what was in sight stays in sight.
    const room = new ResizeObserver(follow);
    room.observe(element);
    const words = new MutationObserver(follow);
    if (grows) words.observe(element, { childList: true, subtree: true, characterData: true });
    return () => {
      room.disconnect();
      words.disconnect();
    };
  }, []);
  const scrolled = () => {
    const element = box.current;
    if (element === null) return;
    // Room that is taken from below moves nothing: only who scrolls upwards leaves the end.
    if (element.scrollHeight - element.scrollTop - element.clientHeight < slack) atEnd.current = true;
    else if (element.scrollTop < top.current) atEnd.current = false;
    top.current = element.scrollTop;
    if (atEnd.current) below.value = false;
  };
  /** Something new is there; one's own words are always shown. */
  const came = (own: boolean) => {
    if (atEnd.current || own) toEnd();
    else below.value = true;
  };
  return { box, below, scrolled, toEnd, follow, came };
}
