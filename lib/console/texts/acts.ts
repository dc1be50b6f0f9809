import { formatsIn } from "../../speech/formats.ts";

const { en, fr } = formatsIn;

/** What somebody may do about a run: each says first what it will do. */
export const actTexts = {
  actions: { en: "What you may do now", fr: "Ce que vous pouvez faire maintenant" },
  noActions: {
    en: "There is nothing that you may do about it now.",
    fr: "Vous ne pouvez rien faire à son sujet pour l’instant.",
  },
  pause: { en: "Pause", fr: "Mettre en pause" },
  pauseSays: {
    en: "It pauses before its next batch; one that is under way is finished first. It can go on at any time.",
    fr: "Elle se met en pause avant le prochain lot ; celui qui est en cours est d’abord terminé. Elle peut continuer à tout moment.",
  },
  resume: { en: "Let it go on", fr: "Laisser continuer" },
  resumeSays: {
    en: "It goes on from where it stands: what was judged is judged again where something changed, and its next waves follow. Where a person has to decide, somebody else than its starter is asked first.",
    fr: "Elle reprend là où elle en est : ce qui a changé est jugé à nouveau, puis viennent les vagues suivantes. Là où une personne doit décider, une autre que celle qui l’a lancée est d’abord interrogée.",
  },
  nextWave: { en: "Write the next wave", fr: "Écrire la prochaine vague" },
  nextWaveSays: {
    en: (wave: number) =>
      `It writes wave ${wave}, and no other, as planned, if the approval still holds, checks what was written, and ends there: no other wave follows by itself. A rollback can take it back. If one of its steps fails, this page says which and why; if it is stopped, or refused before the run’s log tells of it, nothing of that shows here, and the command wavegate commit says why.`,
    fr: (wave: number) =>
      `Elle écrit la vague ${wave}, et aucune autre, comme prévu, si l’accord tient encore, contrôle ce qui a été écrit, et s’en tient là : aucune autre vague ne suit d’elle-même. Une annulation peut la reprendre. Si l’une de ses étapes échoue, cette page dit laquelle et pourquoi ; si elle est arrêtée, ou refusée avant que le journal de l’exécution n’en parle, rien n’en est montré ici, et la commande wavegate commit dit pourquoi.`,
  },
  stop: { en: "Stop", fr: "Arrêter" },
  stopSays: {
    en: "It ends before its next batch; one that is under way is finished first. What was committed stays, and a rollback can take it back.",
    fr: "Elle s’arrête avant le prochain lot ; celui qui est en cours est d’abord terminé. Ce qui a été écrit reste, et une annulation peut le reprendre.",
  },
  stopNow: { en: "Stop now", fr: "Arrêter tout de suite" },
  stopNowSays: {
    en: "Everything of it that is under way or waits ends at once, and not before the next batch: a wave that is being written is there whole, or not at all. What is asked about it is withdrawn. What was committed stays, and a rollback can take it back.",
    fr: "Tout ce qui est en cours ou en attente s’arrête immédiatement, sans attendre le prochain lot : une vague en cours d’écriture est là en entier, ou pas du tout. Ce qui est demandé à son sujet est retiré. Ce qui a été écrit reste, et une annulation peut le reprendre.",
  },
  exportAudit: { en: "Export the audit bundle", fr: "Exporter le dossier d’audit" },
  exportAuditSays: {
    en: "Writes masked rows, the commit log, sign-offs, verifications and the audit log into the evidence, with a manifest of digests. Nothing of the platform is changed.",
    fr: "Dépose dans les preuves les lignes masquées, le journal des écritures, les accords, les contrôles et le journal d’audit, avec leurs empreintes. Rien n’est modifié sur la plateforme.",
  },
  exportReview: { en: "Export for review", fr: "Exporter pour relecture" },
  exportReviewSays: {
    en: "Writes the masked rows as they are judged now into the evidence. Nothing of the platform is changed.",
    fr: "Dépose dans les preuves les lignes masquées telles qu’elles sont jugées maintenant. Rien n’est modifié sur la plateforme.",
  },
  rollback: { en: "Roll back", fr: "Annuler" },
  rollbackTitle: {
    en: (run: string) => `Take back what ${run} wrote`,
    fr: (run: string) => `Reprendre ce que ${run} a écrit`,
  },
  rollbackSays: {
    en: "It deletes the rows that this run created, gives back what it changed, and clears the links it made, from the latest wave to the first. What somebody edited since, what other rows refer to, or what the platform refuses to give up, is spared and listed. It ends the approvals of the run.",
    fr: "Elle supprime les lignes créées par cette exécution, rend ce qu’elle a modifié, et efface les liens qu’elle a faits, de la dernière vague à la première. Ce que quelqu’un a modifié depuis, ce à quoi d’autres lignes renvoient, ou ce que la plateforme refuse de rendre, est épargné et listé. Elle met fin aux accords donnés.",
  },
  leftBeside: {
    en: (named: string) => `What the platform does by itself is not taken back: ${named}.`,
    fr: (named: string) => `Ce que la plateforme fait d’elle-même n’est pas repris : ${named}.`,
  },
  preview: { en: "Look what it would do", fr: "Voir ce que cela ferait" },
  previewSays: {
    en: "Looking writes nothing on the platform. It takes a moment; load this page again to see what was found.",
    fr: "Rien n’est écrit sur la plateforme. Cela prend un moment ; rechargez cette page pour voir le résultat.",
  },
  previewed: {
    en: "What it would do, as last looked",
    fr: "Ce que cela ferait, au dernier regard",
  },
  noPreview: {
    en: "Nobody has looked yet what a rollback would do now, or there is nothing to take back.",
    fr: "Personne n’a encore regardé ce que ferait une annulation, ou il n’y a rien à reprendre.",
  },
  entries: { en: "Entries", fr: "Écritures" },
  takenBack: { en: "Taken back", fr: "Reprises" },
  unlinked: { en: "Links cleared", fr: "Liens effacés" },
  gone: { en: "Gone already", fr: "Déjà supprimées" },
  edited: { en: "Spared: edited", fr: "Épargnées : modifiées" },
  referenced: { en: "Spared: referred to", fr: "Épargnées : référencées" },
  refusedBack: { en: "Spared: refused", fr: "Épargnées : refusées" },
  total: { en: "All waves", fr: "Toutes les vagues" },
  spared: { en: "Rows that would be spared", fr: "Lignes qui seraient épargnées" },
  sparedShown: {
    en: (shown: number, all: number) =>
      `${en.count(shown)} of ${en.count(all)}; what they hold now is somebody’s work since.`,
    fr: (shown: number, all: number) =>
      `${fr.count(shown)} sur ${fr.count(all)} ; ce qu’elles contiennent est le travail de quelqu’un depuis.`,
  },
  sinceThen: { en: "Since then", fr: "Depuis" },
  row: { en: "Row", fr: "Ligne" },
  changedColumns: {
    en: (columns: string) => `edited: ${columns}`,
    fr: (columns: string) => `modifiée : ${columns}`,
  },
  referredTo: { en: "referred to by other rows", fr: "d’autres lignes y renvoient" },
  refusedBy: {
    en: (by: string) => `the platform refuses it: ${by}`,
    fr: (by: string) => `la plateforme la refuse : ${by}`,
  },
  takeBack: {
    en: (rows: number) =>
      rows === 1 ? "Take 1 entry back" : `Take ${en.count(rows)} entries back`,
    fr: (rows: number) =>
      rows === 1 ? "Reprendre 1 écriture" : `Reprendre ${fr.count(rows)} écritures`,
  },
  nothingToTakeBackErased: {
    en: "The people of this run were erased: what it wrote can no longer be taken back.",
    fr: "Les personnes de cette exécution ont été effacées : ce qu’elle a écrit ne peut plus être repris.",
  },
  takeBackUnseen: {
    en: "Take back all of it, without looking",
    fr: "Tout reprendre, sans regarder",
  },
  begunNote: {
    en: "It was asked for, and begins now. Load the page again to see it.",
    fr: "C’est demandé et cela commence. Rechargez la page pour le voir.",
  },
  backToRun: { en: "Back to the run", fr: "Retour à l’exécution" },
} as const;
