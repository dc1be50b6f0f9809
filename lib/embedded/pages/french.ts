import type { IncomingMessage } from "node:http";

/** What these pages say, in French: each piece of text between two tags, as it stands there. */
const french: Readonly<Record<string, string>> = {
  "Sign in": "Se connecter",
  "Sign out": "Se déconnecter",
  "Log in": "Se connecter",
  "With the name and password you were given for this machine.":
    "Avec le nom et le mot de passe qui vous ont été donnés pour cette machine.",
  Name: "Nom",
  Password: "Mot de passe",
  "You are signed in": "Vous êtes connecté",
  As: "En tant que",
  ". Open the link of a mail to decide about a run, or go to":
    ". Ouvrez le lien d’un courriel pour décider d’une exécution, ou allez à",
  "the runs": "la liste des exécutions",
  "Change your password": "Changez votre mot de passe",
  ", or end your other sign-ins.": ", ou terminez vos autres connexions.",
  ". The link from the terminal works once.": ". Le lien du terminal ne sert qu’une fois.",
  "Your password": "Votre mot de passe",
  "Signed in as": "Connecté en tant que",
  ". A new password ends your other sign-ins.":
    ". Un nouveau mot de passe termine vos autres connexions.",
  "Password now": "Mot de passe actuel",
  "New password, at least 8 characters": "Nouveau mot de passe, 8 caractères au moins",
  "The new one again": "Le nouveau encore une fois",
  "Change it": "Le changer",
  "End my other sign-ins": "Terminer mes autres connexions",
  "That did not work": "Cela n’a pas marché",
  "That name and password do not belong together.":
    "Ce nom et ce mot de passe ne vont pas ensemble.",
  "This link was used, or is too old. Nobody was signed in; ask the terminal for a new one.":
    "Ce lien a déjà servi, ou est trop ancien. Personne n’a été connecté ; demandez-en un nouveau au terminal.",
  "The two new passwords differ. Nothing was changed.":
    "Les deux nouveaux mots de passe diffèrent. Rien n’a été changé.",
  "That is not your password now. Nothing was changed.":
    "Ce n’est pas votre mot de passe actuel. Rien n’a été changé.",
  "Your password or what you may do was changed meanwhile. Nothing was changed; sign in again.":
    "Votre mot de passe ou vos droits ont changé entre-temps. Rien n’a été changé ; reconnectez-vous.",
  "Your password was changed, and your other sign-ins have ended.":
    "Votre mot de passe a été changé, et vos autres connexions sont terminées.",
  "A password has 8 to 1024 characters. Nothing was changed.":
    "Un mot de passe a de 8 à 1024 caractères. Rien n’a été changé.",
  "One other sign-in has ended.": "Une autre connexion est terminée.",
  "You are no longer signed in, so nothing was changed. Open the link again.":
    "Vous n’êtes plus connecté, rien n’a donc été changé. Rouvrez le lien.",
  "Nobody is signed in. Nothing was changed.": "Personne n’est connecté. Rien n’a été changé.",
  "The request is too large. Nothing was changed.":
    "La demande est trop grande. Rien n’a été changé.",
  "These pages are read under 127.0.0.1 or localhost only.":
    "Ces pages ne se lisent que sous 127.0.0.1 ou localhost.",
  "The page could not be made, and it is not known whether anything was changed. Load it again to see.":
    "La page n’a pas pu être faite, et on ne sait pas si quelque chose a été changé. Rechargez-la pour voir.",
};

/** Sentences with a number in them, or of two parts. */
const patterns: readonly (readonly [RegExp, string])[] = [
  [/^(\d+) other sign-ins have ended\.$/u, "$1 autres connexions sont terminées."],
  [
    /^Too many failed sign-ins\. Try again in (\d+) seconds?\.$/u,
    "Trop d’essais manqués. Réessayez dans $1 s.",
  ],
  [
    /^This form did not come from the page itself\. .*$/u,
    "Ce formulaire ne vient pas de la page elle-même. Rien n’a été changé.",
  ],
];

const inFrench = (text: string): string =>
  french[text] ?? patterns.reduce((said, [from, to]) => said.replace(from, to), text);

/** One of this service's own pages in French: what is text; names and what nobody translated stay. */
export const pageInFrench = (html: string): string =>
  html
    .replace('<html lang="en">', '<html lang="fr">')
    .split(/(<style>.*?<\/style>|<[^>]*>)/su)
    .map((piece, at) => {
      const [, before = "", text = "", after = ""] = /^(\s*)(.*?)(\s*)$/su.exec(piece) ?? [];
      if (at % 2 === 1 || text === "") return piece;
      const [sentence = "", brand] = text.split(" · wavegate");
      return `${before}${inFrench(sentence)}${brand === undefined ? "" : " · wavegate"}${after}`;
    })
    .join("");

/**
 * Whether somebody chose French in the console here, or their browser prefers it to English. The port of the cookie's
 * name stands in the address that was asked: a request that was turned away while it was sent has no socket any more.
 */
export function wantsFrench({ headers }: IncomingMessage): boolean {
  const cookie = `wavegate_${headers.host?.split(":")[1] ?? ""}_language=`;
  const chosen = (headers.cookie ?? "").split(/;\s*/u).find((each) => each.startsWith(cookie));
  if (chosen !== undefined) return chosen === `${cookie}fr`;
  const [first] = (headers["accept-language"] ?? "").toLowerCase().match(/\b(?:en|fr)\b/u) ?? [];
  return first === "fr";
}
