// The two forms: an address or a number for when nobody is there, and how it was.

import { useSignal } from "@preact/signals";
import type { Talk } from "./talk.ts";
import type { Texts } from "./texts/index.ts";

/** An e-mail address, or a telephone number of at least six digits; the server has the last word. */
export function isAddress(text: string): boolean {
  const trimmed = text.trim();
  if (trimmed.length > 200) return false;
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(trimmed) || isNumber(trimmed);
}

/** A telephone number of at least six digits. */
export function isNumber(text: string): boolean {
  const trimmed = text.trim();
  return trimmed.length <= 40 && /^[+\d(][\d ().\/-]*$/.test(trimmed) && trimmed.replace(/\D/g, "").length >= 6;
}

/** `waits`: somebody will come; what is proposed is to be called back instead of waiting. */
export function Leaving({ talk, t, waits = false }: { talk: Talk; t: Texts; waits?: boolean }) {
  const call = useSignal(waits);
  const from = useSignal("");
  const own = { address: useSignal(""), words: useSignal("") };
  const { address, words: text } = waits ? own : talk;
  const bad = useSignal(false);
  const leave = (event: Event) => {
    event.preventDefault();
    bad.value = !(call.value ? isNumber : isAddress)(address.value);
    if (bad.value) ((event.currentTarget as HTMLFormElement).elements.namedItem("address") as HTMLElement).focus();
    else talk.leaveMessage(address.value.trim(), text.value, call.value ? (from.value === "" ? {} : { from: new Date(from.value).getTime() }) : undefined);
  };
  return (
    <form class="card" aria-labelledby={waits ? "calling" : "leaving"} noValidate onSubmit={leave}>
      {!waits && (
        <>
          <h2 id="leaving">{t.leaving.title}</h2>
          <p>{t.leaving.say}</p>
          <label class="choice">
            <input type="checkbox" name="call" checked={call.value} onChange={(event) => (call.value = event.currentTarget.checked)} />
            {t.leaving.call}
          </label>
        </>
      )}
      <label for="address">{call.value ? t.leaving.number : t.leaving.address}</label>
      <input
        id="address"
        name="address"
        autocomplete={call.value ? "tel" : "email"}
        inputMode={call.value ? "tel" : undefined}
        maxLength={200}
        aria-invalid={bad.value}
        aria-describedby={bad.value ? "address-bad" : undefined}
        value={address.value}
        onInput={(event) => (address.value = event.currentTarget.value)}
      />
      {bad.value && (
        <p id="address-bad" class="bad">
          {call.value ? t.leaving.numberBad : t.leaving.addressBad}
        </p>
      )}
      {call.value && (
        <>
          <label for="from">{t.leaving.from}</label>
          <input id="from" name="from" type="datetime-local" value={from.value} onInput={(event) => (from.value = event.currentTarget.value)} />
        </>
      )}
      <label for="left">{t.leaving.text}</label>
      <textarea id="left" rows={2} maxLength={8000} dir="auto" value={text.value} onInput={(event) => (text.value = event.currentTarget.value)} />
      <button type="submit" class="primary">
        {call.value ? t.leaving.sendCall : t.leaving.send}
      </button>
    </form>
  );
}

export function SurveyForm({ talk, t }: { talk: Talk; t: Texts }) {
  const satisfaction = useSignal<number | undefined>(undefined);
  const listened = useSignal<number | undefined>(undefined);
  const comment = useSignal("");
  const missing = useSignal(false);
  const send = (event: Event) => {
    event.preventDefault();
    missing.value = satisfaction.value === undefined;
    if (satisfaction.value !== undefined) talk.answerSurvey(satisfaction.value, listened.value, comment.value);
  };
  return (
    <form class="card" aria-labelledby="survey" onSubmit={send}>
      <h2 id="survey">{t.survey.title}</h2>
      <Scale name="satisfaction" question={t.survey.satisfaction} t={t} chosen={satisfaction.value} choose={(n) => (satisfaction.value = n)} />
      {missing.value && (
        <p class="bad" role="alert">
          {t.survey.missing}
        </p>
      )}
      <Scale name="listened" question={t.survey.listened} t={t} chosen={listened.value} choose={(n) => (listened.value = n)} />
      <label for="comment">{t.survey.comment}</label>
      <textarea id="comment" rows={2} maxLength={2000} dir="auto" value={comment.value} onInput={(event) => (comment.value = event.currentTarget.value)} />
      <button type="submit" class="primary">
        {t.survey.send}
      </button>
    </form>
  );
}

interface ScaleProps {
  name: string;
  question: string;
  t: Texts;
  chosen: number | undefined;
  choose: (mark: number) => void;
}

function Scale({ name, question, t, chosen, choose }: ScaleProps) {
  const words = t.survey.scale;
  return (
    <fieldset class="scale">
      <legend>{question}</legend>
      <div>
        {words.map((word, index) => (
          <label key={word} title={word}>
            <input type="radio" name={name} checked={chosen === index + 1} onChange={() => choose(index + 1)} />
            <span aria-hidden="true">{index + 1}</span>
            <span class="hidden">{t.pair(String(index + 1), word)}</span>
          </label>
        ))}
      </div>
      <p aria-hidden="true">
        <span>{words[0]}</span>
        <span>{words.at(-1)}</span>
      </p>
    </fieldset>
  );
}
