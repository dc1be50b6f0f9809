import type { Said } from "./language.ts";

const waveNumber = (gate: string) => gate.slice("wave:".length);

/** What a sign-off is about: `first_wave`, `scale_up`, or `wave:7`. */
export const gateNamed: Said<(gate: string) => string> = {
  en: (gate) =>
    gate === "first_wave"
      ? "the first wave"
      : gate === "scale_up"
        ? "scaling up after the first wave"
        : `wave ${waveNumber(gate)}`,
  fr: (gate) =>
    gate === "first_wave"
      ? "la première vague"
      : gate === "scale_up"
        ? "le passage à l’échelle après la première vague"
        : `la vague ${waveNumber(gate)}`,
};

/** How a run stands, by its status. */
export const statuses: Said<Readonly<Record<string, string>>> = {
  en: {
    running: "running",
    waiting: "waiting",
    paused: "paused",
    halted: "halted",
    stopped: "stopped",
    completed: "completed",
    rolled_back: "rolled back",
    at_rest: "at rest",
  },
  fr: {
    running: "en cours",
    waiting: "en attente",
    paused: "en pause",
    halted: "interrompue",
    stopped: "arrêtée",
    completed: "terminée",
    rolled_back: "annulée",
    at_rest: "au repos",
  },
};
