// The articles, drawn. Colours come from the style sheet's classes, so that they follow light and dark.

import type { Texts } from "./texts/index.ts";

type Article = keyof Texts["products"];

function Thread() {
  return (
    <>
      <rect class="wood" x="58" y="34" width="84" height="14" rx="5" />
      <rect class="wood" x="58" y="152" width="84" height="14" rx="5" />
      <rect class="wool-a" x="66" y="48" width="68" height="104" rx="3" />
      <path class="shade" d="M66 60q34 12 68 0M66 76q34 12 68 0M66 92q34 12 68 0M66 108q34 12 68 0M66 124q34 12 68 0M66 140q34 12 68 0" />
      <path class="strand-a" d="M134 132c22 4 30 16 18 26s-38 4-44 18" />
    </>
  );
}

function Yarn() {
  return (
    <>
      <circle class="wool-b" cx="100" cy="98" r="56" />
      <path class="shade" d="M52 72c30-14 66-8 96 22M46 98c30-16 72-8 98 24M52 124c26-14 54-8 76 20M100 42c-30 24-40 66-24 110M132 52c-30 18-46 58-34 100" />
      <path class="strand-b" d="M142 136c24 14 26 34 4 36s-52-12-82 2" />
    </>
  );
}

function Scissors() {
  return (
    <>
      <path class="steel" d="M98 96 60 26c-7 10-6 24 0 36zM102 96l38-70c7 10 6 24 0 36z" />
      <path class="handle" d="M92 104c-26-2-42 14-40 34s26 30 40 14 6-32 10-46zM108 104c26-2 42 14 40 34s-26 30-40 14-6-32-10-46z" />
      <circle class="brass" cx="100" cy="98" r="6" />
    </>
  );
}

function Buttons() {
  const at: [number, number, string][] = [
    [66, 66, "wool-c"],
    [134, 66, "cream"],
    [66, 134, "cream"],
    [134, 134, "wool-a"],
    [100, 100, "wood"],
  ];
  return (
    <>
      {at.map(([x, y, colour]) => (
        <g key={`${x}-${y}`}>
          <circle class={colour} cx={x} cy={y} r="27" />
          <circle class="shade" cx={x} cy={y} r="20" />
          <path class="holes" d={`M${x - 6} ${y - 6}h.1M${x + 6} ${y - 6}h.1M${x - 6} ${y + 6}h.1M${x + 6} ${y + 6}h.1`} />
        </g>
      ))}
    </>
  );
}

function Hoop() {
  return (
    <>
      <circle class="cream" cx="100" cy="106" r="58" />
      <circle class="ring" cx="100" cy="106" r="60" />
      <rect class="brass" x="90" y="32" width="20" height="14" rx="3" />
      <path class="stem" d="M100 142c-2-22 2-36 0-50M100 120c-12-2-18-8-20-18M100 112c12-2 18-8 20-18" />
      <path class="petals" d="M100 92c-10-4-12-16 0-22 12 6 10 18 0 22zM80 102c-8 2-14-4-12-12 8-2 14 4 12 12zM120 94c8 2 14-4 12-12-8-2-14 4-12 12z" />
    </>
  );
}

function Ribbon() {
  return (
    <>
      <path class="wool-c" d="M38 80c30-30 48-30 62 0s32 30 62 0v34c-30 30-48 30-62 0s-32-30-62 0z" />
      <path class="shade" d="M38 88c30-30 48-30 62 0s32 30 62 0M38 106c30-30 48-30 62 0s32 30 62 0" />
    </>
  );
}

const drawings: Record<Article, () => preact.JSX.Element> = {
  thread: Thread,
  yarn: Yarn,
  scissors: Scissors,
  buttons: Buttons,
  hoop: Hoop,
  ribbon: Ribbon,
};

export function Picture({ article }: { article: Article }) {
  const Drawing = drawings[article];
  return (
    <svg class="picture" viewBox="0 0 200 200" aria-hidden="true">
      <Drawing />
    </svg>
  );
}
