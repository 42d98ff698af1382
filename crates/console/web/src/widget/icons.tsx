// The widget's few pictures, drawn; none carries meaning that is not said in words beside it.

import { initials } from "./lines.ts";

export function ChatIcon() {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d="M5 4h14a2.5 2.5 0 0 1 2.5 2.5v8A2.5 2.5 0 0 1 19 17h-7l-4.6 3.6A.9.9 0 0 1 6 19.9V17H5a2.5 2.5 0 0 1-2.5-2.5v-8A2.5 2.5 0 0 1 5 4z" />
      <path class="cut" d="M7.5 9h9M7.5 12.5h5.5" />
    </svg>
  );
}

export function CloseIcon() {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" class="stroke">
      <path d="m6 9.5 6 6 6-6" />
    </svg>
  );
}

export function SendIcon() {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" class="stroke">
      <path d="M12 19V5.5M5.5 12 12 5.5l6.5 6.5" />
    </svg>
  );
}

export function BotFace() {
  return (
    <span class="face bot" aria-hidden="true">
      <svg viewBox="0 0 24 24" class="stroke">
        <rect x="5" y="8" width="14" height="10.5" rx="3" />
        <path d="M12 8V4.5M9.5 12.5v1.5M14.5 12.5v1.5" />
      </svg>
    </span>
  );
}

export function Face({ name }: { name: string }) {
  return (
    <span class="face" aria-hidden="true">
      {initials(name)}
    </span>
  );
}
