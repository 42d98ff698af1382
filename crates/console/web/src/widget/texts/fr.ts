// The widget in French; what this object has, every other language must have (see index.ts).

import type { Wait } from "../../wire.ts";

const ordinal = (n: number) => (n === 1 ? "1er" : `${n}e`);

export const fr = {
  launcher: (unread: number) =>
    unread === 0
      ? "Ouvrir la discussion"
      : `Ouvrir la discussion (${unread} ${unread === 1 ? "message non lu" : "messages non lus"})`,
  pair: (a: string, b: string) => `${a} : ${b}`,
  minimise: "Réduire la discussion",
  title: (site: string) => (site === "" ? "Discussion" : `Discussion avec ${site}`),
  log: "Messages",
  you: "Vous",
  bot: "Assistant automatique",
  botTag: "robot",
  advisor: "Votre conseiller",
  advisorTag: "une personne vous répond",
  waiting: "En attente d’une personne",
  over: "Conversation terminée",
  greeting: "Bonjour ! Je suis un assistant automatique. Posez-moi votre question ; à tout moment, vous pouvez demander une personne.",
  write: "Votre message",
  placeholder: "Écrivez votre message…",
  send: "Envoyer",
  human: "Parler à quelqu’un",
  humanAsked: "Demande envoyée…",
  leave: "Laisser un message",
  end: "Terminer",
  endSure: "Terminer cette conversation ?",
  yes: "Oui, terminer",
  no: "Non, continuer",
  fresh: "Nouvelle conversation",
  choices: "Réponses proposées",
  typing: (name: string) => `${name} écrit…`,
  state: {
    sending: "Envoi…",
    waiting: "Pas encore envoyé : partira dès que la connexion revient",
    sent: "Envoyé",
    seen: "Lu",
    failed: "Non envoyé",
  },
  edit: "Corriger",
  discard: "Supprimer",
  link: {
    connecting: "Connexion…",
    waiting: "Connexion perdue. Nouvel essai automatique ; vos messages sont gardés.",
    refused: "La discussion n’est pas disponible pour le moment.",
    replaced: "Cette conversation est ouverte dans une autre fenêtre.",
    here: "Continuer ici",
    again: "Réessayer",
  },
  told: {
    queue: "Nous cherchons une personne pour vous répondre. Elle verra tout votre échange : vous n’aurez rien à répéter.",
    advisor: (name: string) => `${name} a rejoint la conversation. Une personne vous répond maintenant.`,
    bot: "Vous êtes de nouveau avec l’assistant automatique.",
    closed: "La conversation est terminée.",
    someone: "Une personne",
  },
  place: (ahead: number) => (ahead === 0 ? "Vous êtes en tête de la file" : `Vous êtes ${ordinal(ahead + 1)} dans la file`),
  wait: (wait: Wait) => {
    const low = Math.max(1, Math.floor(wait.low / 60));
    const high = Math.max(1, Math.ceil(wait.high / 60));
    if (wait.high < 60) return "moins d’une minute";
    return low < high ? `environ ${low} à ${high} minutes` : `environ ${high} ${high === 1 ? "minute" : "minutes"}`;
  },
  asked: "Une personne de l’équipe vient d’être prévenue.",
  placeUnknown: "Nous cherchons une personne…",
  waitUnknown: "Nous vous répondons dès que possible",
  leaving: {
    title: "Personne n’est disponible pour le moment",
    say: "Laissez-nous votre adresse : nous vous répondrons dès qu’une personne sera là.",
    address: "E-mail ou téléphone",
    addressBad: "Indiquez une adresse e-mail ou un numéro de téléphone.",
    text: "Votre message (facultatif)",
    send: "Laisser ce message",
    call: "Je préfère être rappelé par téléphone",
    instead: "Être rappelé plutôt qu’attendre",
    number: "Numéro de téléphone",
    numberBad: "Indiquez un numéro de téléphone.",
    from: "Pas avant (facultatif)",
    sendCall: "Rappelez-moi",
    done: (address: string) => `C’est noté. Nous vous répondrons à ${address}.`,
  },
  survey: {
    title: "Votre avis nous aide",
    satisfaction: "Êtes-vous satisfait de cet échange ?",
    listened: "Vous êtes-vous senti écouté ?",
    scale: ["pas du tout", "plutôt non", "moyennement", "plutôt oui", "tout à fait"],
    comment: "Un mot à ajouter ? (facultatif)",
    send: "Envoyer mon avis",
    missing: "Choisissez une note de 1 à 5.",
    done: "Merci de votre avis !",
  },
  newBelow: "Nouveau message ↓",
};
