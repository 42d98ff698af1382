// The widget in English.

import type { Texts } from "./index.ts";

const ordinal = (n: number) => {
  const ending = { one: "st", two: "nd", few: "rd", other: "th", zero: "th", many: "th" };
  return `${n}${ending[new Intl.PluralRules("en", { type: "ordinal" }).select(n)]}`;
};

export const en: Texts = {
  launcher: (unread) =>
    unread === 0 ? "Open the chat" : `Open the chat (${unread} unread ${unread === 1 ? "message" : "messages"})`,
  pair: (a, b) => `${a}: ${b}`,
  minimise: "Minimise the chat",
  title: (site) => (site === "" ? "Chat" : `Chat with ${site}`),
  log: "Messages",
  you: "You",
  bot: "Automatic assistant",
  botTag: "bot",
  advisor: "Your advisor",
  advisorTag: "a person is answering you",
  waiting: "Waiting for a person",
  over: "Conversation over",
  greeting: "Hello! I am an automatic assistant. Ask me your question; you can ask for a person at any time.",
  write: "Your message",
  placeholder: "Write your message…",
  send: "Send",
  human: "Talk to someone",
  humanAsked: "Request sent…",
  leave: "Leave a message",
  end: "End",
  endSure: "End this conversation?",
  yes: "Yes, end it",
  no: "No, go on",
  fresh: "New conversation",
  choices: "Suggested answers",
  typing: (name) => `${name} is typing…`,
  state: {
    sending: "Sending…",
    waiting: "Not sent yet: it will go as soon as the connection is back",
    sent: "Sent",
    seen: "Read",
    failed: "Not sent",
  },
  edit: "Edit",
  discard: "Discard",
  link: {
    connecting: "Connecting…",
    waiting: "Connection lost. Trying again by itself; your messages are kept.",
    refused: "The chat is not available at the moment.",
    replaced: "This conversation is open in another window.",
    here: "Continue here",
    again: "Try again",
  },
  told: {
    queue: "We are looking for a person to answer you. They will see the whole exchange: you will not have to repeat anything.",
    advisor: (name) => `${name} has joined the conversation. A person is answering you now.`,
    bot: "You are back with the automatic assistant.",
    closed: "The conversation is over.",
    someone: "A person",
  },
  place: (ahead) => (ahead === 0 ? "You are first in line" : `You are ${ordinal(ahead + 1)} in line`),
  wait: (wait) => {
    const low = Math.max(1, Math.floor(wait.low / 60));
    const high = Math.max(1, Math.ceil(wait.high / 60));
    if (wait.high < 60) return "less than a minute";
    return low < high ? `about ${low} to ${high} minutes` : `about ${high} ${high === 1 ? "minute" : "minutes"}`;
  },
  asked: "One of our team has just been alerted.",
  placeUnknown: "We are looking for a person…",
  waitUnknown: "We will answer as soon as we can",
  leaving: {
    title: "Nobody is available at the moment",
    say: "Leave us an address: we will answer as soon as somebody is there.",
    address: "E-mail or telephone",
    addressBad: "Give an e-mail address or a telephone number.",
    text: "Your message (optional)",
    send: "Leave this message",
    call: "I would rather be called back",
    instead: "Be called back instead of waiting",
    number: "Telephone number",
    numberBad: "Give a telephone number.",
    from: "Not before (optional)",
    sendCall: "Call me back",
    done: (address) => `Noted. We will answer you at ${address}.`,
  },
  survey: {
    title: "Your opinion helps us",
    satisfaction: "Are you satisfied with this exchange?",
    listened: "Did you feel listened to?",
    scale: ["not at all", "rather not", "so-so", "rather yes", "very much"],
    comment: "Anything to add? (optional)",
    send: "Send my opinion",
    missing: "Choose a mark from 1 to 5.",
    done: "Thank you for your opinion!",
  },
  newBelow: "New message ↓",
};
