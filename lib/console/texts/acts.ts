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
      `Elle écrit la vague ${wave}, et aucune autre, comme prévu, si l’accord tient encore, contrôle ce qui a été écrit, et s’en tient là : aucune autre vague ne suit d’elle-même. Une annulation peut la défaire. Si l’une de ses étapes échoue, cette page dit laquelle et pourquoi ; si elle est arrêtée, ou refusée avant que le journal de l’exécution n’en parle, rien n’en est montré ici, et la commande wavegate commit dit pourquoi.`,
  },
  stop: { en: "Stop", fr: "Arrêter" },
  stopSays: {
    en: "It ends before its next batch; one that is under way is finished first.",
    fr: "Elle s’arrête avant le prochain lot ; celui qui est en cours est d’abord terminé.",
  },
  stopNow: { en: "Stop now", fr: "Arrêter tout de suite" },
  stopNowSays: {
    en: "Everything of it that is under way or waits ends at once, and not before the next batch: a wave that is being written is there whole, or not at all. What is asked about it is withdrawn.",
    fr: "Tout ce qui est en cours ou en attente s’arrête immédiatement, sans attendre le prochain lot : une vague en cours d’écriture est là en entier, ou pas du tout. Ce qui est demandé à son sujet est retiré.",
  },
  writtenStays: {
    en: "What was committed stays, and a rollback can take it back.",
    fr: "Ce qui a été écrit reste, et une annulation peut le retirer.",
  },
  nothingWritten: {
    en: "Nothing of it is committed so far.",
    fr: "Rien n’en est écrit jusqu’ici.",
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
  rollback: { en: "Roll back", fr: "Annuler ce qui a été écrit" },
  rollbackTitle: {
    en: (run: string) => `Take back what ${run} wrote`,
    fr: (run: string) => `Annuler ce que ${run} a écrit`,
  },
  rollbackSays: {
    en: "It deletes the rows that this run created, gives back what it changed, and clears the links it made, from the latest wave to the first. What somebody edited since, what other rows refer to, or what the platform refuses to give up, is spared and listed.",
    fr: "Elle supprime les lignes créées par cette exécution, rend ce qu’elle a modifié, et efface les liens qu’elle a faits, de la dernière vague à la première. Ce que quelqu’un a modifié depuis, ce à quoi d’autres lignes renvoient, ou ce que la plateforme refuse de rendre, est épargné et listé.",
  },
  leftBeside: {
    en: (named: string) => `What the platform does by itself is not taken back: ${named}.`,
    fr: (named: string) => `Ce que la plateforme fait d’elle-même n’est pas annulé : ${named}.`,
  },
  preview: { en: "Look what it would do", fr: "Voir ce que cela ferait" },
  previewSays: {
    en: "Looking writes nothing on the platform, and takes a moment. Where it fails, this page says why.",
    fr: "Rien n’est écrit sur la plateforme, et cela prend un moment. En cas d’échec, cette page dit pourquoi.",
  },
  previewAgain: { en: "Look again", fr: "Regarder de nouveau" },
  lookingNow: {
    en: "What it would do is looked at now, and shows here in a moment. Where it does not, load this page again.",
    fr: "Ce que cela ferait est en cours d’examen, et s’affiche ici dans un moment. Sinon, rechargez cette page.",
  },
  takingBackNow: {
    en: "It is being taken back now. The run’s page shows how far.",
    fr: "L’annulation est en cours. La page de l’exécution montre où elle en est.",
  },
  previewed: { en: "What it would do", fr: "Ce que cela ferait" },
  foundAt: {
    en: (at: string) => `As it was found at ${at}; what somebody edited since is spared too.`,
    fr: (at: string) => `Constaté le ${at} ; ce que quelqu’un a modifié depuis est épargné aussi.`,
  },
  nothingStands: {
    en: "No row of this run stands on the platform: there is nothing to take back.",
    fr: "Aucune ligne de cette exécution ne se trouve sur la plateforme : il n’y a rien à annuler.",
  },
  standsInWaves: {
    en: (entries: number, waves: number) =>
      `${entries === 1 ? "1 entry" : `${en.count(entries)} entries`} of ${waves === 1 ? "1 wave" : `${en.count(waves)} waves`} ${entries === 1 ? "stands" : "stand"} on the platform.`,
    fr: (entries: number, waves: number) =>
      `${fr.count(entries)} ${entries < 2 ? "écriture" : "écritures"} ${waves === 1 ? "d’une vague" : `de ${fr.count(waves)} vagues`} se ${entries < 2 ? "trouve" : "trouvent"} sur la plateforme.`,
  },
  takenOf: {
    en: (taken: number, links: number, spared: number) =>
      `${en.count(taken)} ${taken === 1 ? "is" : "are"} taken back${links === 0 ? "" : `, ${en.count(links)} of them ${links === 1 ? "a link that is" : "links that are"} cleared`}; ${en.count(spared)} ${spared === 1 ? "is" : "are"} spared.`,
    fr: (taken: number, links: number, spared: number) =>
      `${fr.count(taken)} ${taken < 2 ? "est annulée" : "sont annulées"}${links === 0 ? "" : `, dont ${fr.count(links)} ${links < 2 ? "lien effacé" : "liens effacés"}`} ; ${fr.count(spared)} ${spared < 2 ? "est épargnée" : "sont épargnées"}.`,
  },
  unseenWaves: {
    en: (entries: number, waves: number) =>
      `Nobody has looked at ${waves === 1 ? "1 wave" : `${en.count(waves)} waves`} (${entries === 1 ? "1 entry" : `${en.count(entries)} entries`}) yet: ${waves === 1 ? "it goes" : "they go"} too.`,
    fr: (entries: number, waves: number) =>
      `Personne n’a encore regardé ${fr.count(waves)} ${waves < 2 ? "vague" : "vagues"} (${fr.count(entries)} ${entries < 2 ? "écriture" : "écritures"}) : ${waves < 2 ? "elle est annulée" : "elles sont annulées"} aussi.`,
  },
  takingBackEnds: {
    en: "It stops the run and ends its approvals: to write again, somebody signs anew.",
    fr: "L’exécution s’arrête et ses accords prennent fin : pour écrire à nouveau, il faut un nouvel accord.",
  },
  noPreview: {
    en: "How much of it would be spared, nobody has looked yet.",
    fr: "Personne n’a encore regardé combien seraient épargnées.",
  },
  entries: { en: "Entries", fr: "Écritures" },
  takenBack: { en: "Taken back", fr: "Annulées" },
  unlinked: { en: "Links cleared", fr: "Liens effacés" },
  gone: { en: "Gone already", fr: "Déjà supprimées" },
  edited: { en: "Spared: edited", fr: "Épargnées : modifiées" },
  referenced: { en: "Spared: referred to", fr: "Épargnées : référencées" },
  refusedBack: { en: "Spared: refused", fr: "Épargnées : refusées" },
  total: { en: "All waves", fr: "Toutes les vagues" },
  spared: { en: "Rows that would be spared", fr: "Lignes qui seraient épargnées" },
  sparedInAll: {
    en: (rows: number) =>
      `${rows === 1 ? "1 row was" : `${en.count(rows)} rows were`} spared when it was taken back; a look at what a rollback would do names ${rows === 1 ? "it" : "them"}.`,
    fr: (rows: number) =>
      `${fr.count(rows)} ${rows < 2 ? "ligne a été épargnée" : "lignes ont été épargnées"} lors de l’annulation ; l’aperçu d’une annulation ${rows < 2 ? "la" : "les"} nomme.`,
  },
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
      rows === 1 ? "Annuler 1 écriture" : `Annuler ${fr.count(rows)} écritures`,
  },
  nothingToTakeBackErased: {
    en: "The people of this run were erased: what it wrote can no longer be taken back.",
    fr: "Les personnes de cette exécution ont été effacées : ce qu’elle a écrit ne peut plus être annulé.",
  },
  takeBackNothing: {
    en: "End the run and its approvals",
    fr: "Mettre fin à l’exécution et à ses accords",
  },
  /** What became of a wave that was taken back. */
  takenBackOf: {
    en: ({ undone, spared, gone }: { undone: number; spared: number; gone: number }) =>
      `${en.count(undone)} taken back${spared === 0 ? "" : `, ${en.count(spared)} spared`}${gone === 0 ? "" : `, ${en.count(gone)} gone already`}`,
    fr: ({ undone, spared, gone }: { undone: number; spared: number; gone: number }) =>
      `${fr.count(undone)} ${undone < 2 ? "annulée" : "annulées"}${spared === 0 ? "" : `, ${fr.count(spared)} ${spared < 2 ? "épargnée" : "épargnées"}`}${gone === 0 ? "" : `, ${fr.count(gone)} déjà ${gone < 2 ? "supprimée" : "supprimées"}`}`,
  },
  pagesOfRun: { en: "Pages of this run", fr: "Pages de cette exécution" },
  isHalted: { en: "This run is halted.", fr: "Cette exécution est interrompue." },
  whatMayBeDone: { en: "What may be done", fr: "Ce qui peut être fait" },
  failedLately: {
    en: "What was begun last failed:",
    fr: "Ce qui a été lancé en dernier a échoué :",
  },
  whereItFailed: { en: "In which step", fr: "À quelle étape" },
} as const;
