import type { NextKind } from "../../review/steer/next-kind.ts";
import { formatsIn } from "../../speech/formats.ts";
import { statuses } from "../../speech/names.ts";
import { sayWhileRead } from "../../speech/while-read.ts";
import { sayWhyAsked } from "../../speech/why-asked.ts";
import { waitsIn } from "./waits.ts";

const { en, fr } = formatsIn;

/** The list of runs, and one run. */
export const runTexts = {
  noRuns: {
    en: "There is no run yet. Nothing of the platform is written before somebody signs a run off.",
    fr: "Il n’y a pas encore d’exécution. Rien n’est écrit sur la plateforme avant qu’une personne ne donne son accord.",
  },
  noSuchRuns: { en: "No run is like that.", fr: "Aucune exécution ne correspond." },
  run: { en: "Run", fr: "Exécution" },
  migration: { en: "Migration", fr: "Migration" },
  startedBy: { en: "Started by", fr: "Lancée par" },
  begun: { en: "Begun", fr: "Début" },
  stands: { en: "Stands at", fr: "En est à" },
  /** The last step that a run came through. */
  stageDone: {
    en: (stage: string) => `last done: ${stage}`,
    fr: (stage: string) => `fait en dernier : ${stage}`,
  },
  rows: { en: "Rows", fr: "Lignes" },
  waitsFor: { en: "Waits for", fr: "Attend" },
  anyStatus: { en: "any status", fr: "tout état" },
  anyMigration: { en: "any migration", fr: "toute migration" },
  status: { en: "Status", fr: "État" },
  filter: { en: "Filter", fr: "Filtrer" },
  latestRuns: { en: "Latest runs", fr: "Dernières exécutions" },
  laterRuns: { en: "Later runs", fr: "Exécutions plus récentes" },
  earlier: { en: "Earlier runs", fr: "Exécutions plus anciennes" },
  nobody: { en: "nobody", fr: "personne" },
  notKnown: { en: "not known yet", fr: "pas encore connu" },
  rowsWritten: {
    en: (written: number, rows: number) => `${en.count(written)} of ${en.count(rows)} written`,
    fr: (written: number, rows: number) =>
      `${fr.count(written)} ${written < 2 ? "écrite" : "écrites"} sur ${fr.count(rows)}`,
  },
  rowsHeld: {
    en: (held: number) => `${en.count(held)} held`,
    fr: (held: number) => `${fr.count(held)} ${held < 2 ? "retenue" : "retenues"}`,
  },
  rowsTakenBack: {
    en: (rows: number) => `${en.count(rows)} taken back`,
    fr: (rows: number) => `${fr.count(rows)} ${rows < 2 ? "annulée" : "annulées"}`,
  },
  roundOf: {
    en: (round: number) => `(round ${round})`,
    fr: (round: number) => `(passage ${round})`,
  },
  statuses,
  states: {
    en: {
      pending: "waiting for a wave",
      committed: "written",
      linked: "linked",
      skipped: "skipped",
      held: "held for a person",
      failed: "failed",
      rolled_back: "taken back",
      part: "part of a later row",
    } as Readonly<Record<string, string>>,
    fr: {
      pending: "en attente d’une vague",
      committed: "écrites",
      linked: "reliées",
      skipped: "ignorées",
      held: "retenues pour une personne",
      failed: "en échec",
      rolled_back: "annulées",
      part: "partie d’une autre ligne",
    } as Readonly<Record<string, string>>,
  },
  next: {
    en: {
      sign_off: "It waits for a sign-off by somebody else than its starter.",
      halted:
        "It is halted and waits for a decision: it may go on, be stopped, or what it wrote be taken back.",
      trial_over:
        "It is a trial, and ended with its dry run; nobody signs it and nothing of it is written.",
      erased:
        "It is over, and its people are erased: it is no longer taken back, verified again, judged or resumed.",
      erasing:
        "Its people are being erased, and nothing else is done with it any more. Where that was cut off, it is ended by asking for it again in a terminal.",
      trial_halted:
        "It is a trial, and was halted before its end. Nothing of it is written; it may go on, or be taken away.",
      source_changed:
        "It is halted, as its source changed while it was read, and was not judged. Stop it, and start a new run once nobody writes the source.",
      definition_changed:
        "It is halted, as its definition was changed since it began. Stop it, and start a new run by that one; with the definition as it was it may go on.",
      ledger_incomplete:
        "It is halted: rows that it wrote stand on the platform, and its ledger has nothing of them; everything else is taken back. Take them from the platform by hand, and roll back again; or stop it, which leaves them there. Until then no other run of this migration begins.",
      sent_back:
        "It was sent back at its sign-off. Once what the remark asks for is mended, let it go on: its rows are judged anew where that is needed, and it is asked again. What is mended in the definition takes a new run: stop this one, or take back what it wrote.",
      halted_stopped:
        "It is halted, and was told to stop, as every rollback does. Once its reason is mended, a rollback takes back what stands; stopped, it is ended and leaves that. Or it may go on after a new sign-off.",
      paused: "It is paused until somebody lets it go on, or stops it.",
      judged_anew:
        "It stands still, as mappings were decided since its rows were judged; what was asked or approved about them no longer counts. Let go on, it judges them anew, and somebody else than its starter is asked again.",
      stopped: "It was stopped; what was committed stays. It may go on, or be taken back.",
      stopped_unwritten: "It was stopped, and nothing of it is committed. It may go on.",
      stopped_asking:
        "It was stopped while it waited for a sign-off, which is still asked for: an answer alone writes nothing. It may go on, or be taken back.",
      restoring:
        "The backup that it was started with is being restored, or that was cut off: the platform is as it was, or as the backup holds it. The same command in a terminal comes to its end and says which.",
      nothing_to_commit:
        "It is complete: no row of it could be committed, and each says why it is held, skipped or failed. After a decision about a mapping it may go on and judges them anew.",
      complete: "It is complete. A rollback would take everything back.",
      rolled_back: "It is rolled back. Review the mappings before you start a new run.",
      rows_left:
        "It is rolled back but for rows that still stand: somebody changed what it wrote or refers to it since, or the platform refuses it. A preview of the rollback names them; once that is mended, a rollback takes them back.",
      told_to_stop:
        "It was told to stop, as every rollback does: sent again, that takes back what stands. Or it may go on after a new sign-off.",
      copies_left:
        "It has begun to take copies of files away, and nothing runs. Other runs that name the same files wait until that is sent again.",
      answered:
        "Its question was answered, and it goes on in a moment. Where it still says so a minute later, let it go on.",
      unanswered:
        "Nobody answered its sign-off before the link expired, and now nobody can. Let go on, it asks anew.",
      withdrawn:
        "Its question was withdrawn: nobody can answer it any more, and nothing goes on by itself. Let go on, it looks at its rows again where that is needed, and asks anew; if the rules have changed since it began, stop it, and start a new run.",
      goes_on: "It goes on by itself.",
      one_step: "One step of it is done alone, and ends there: nothing follows by itself.",
      taken_back:
        "What it wrote is being taken back, from the latest wave to the first. That goes on by itself.",
      platform_busy: "The next wave is waiting for the platform. It goes on by itself.",
      preflight_failed:
        "Its preflight did not pass, so nothing was staged. Mend what it said, and start a new run.",
      failed:
        "It failed, and nothing runs. Once what is said here is mended, let it go on from where it stands.",
      asks_next: "Nothing runs. Its next step asks for the sign-off and then goes on.",
      stage_next: "Nothing runs. Its next stage can be started.",
    } satisfies Record<NextKind, string> as Readonly<Record<NextKind, string>>,
    fr: {
      sign_off: "Elle attend l’accord d’une autre personne que celle qui l’a lancée.",
      halted:
        "Elle est interrompue et attend une décision : continuer, arrêter, ou annuler ce qu’elle a écrit.",
      trial_over:
        "C’est un essai, terminé avec sa simulation ; personne ne le signe et rien n’en est écrit.",
      erased:
        "Elle est finie et les données de ses personnes sont effacées : elle n’est plus ni annulée, ni vérifiée de nouveau, ni jugée, ni relancée.",
      erasing:
        "Les données de ses personnes sont en cours d’effacement, et plus rien d’autre n’est fait avec elle. S’il a été interrompu, il se termine en étant redemandé dans un terminal.",
      trial_halted:
        "C’est un essai, interrompu avant sa fin. Rien n’en est écrit ; il peut continuer, ou être retiré.",
      source_changed:
        "Elle est interrompue, car sa source a changé pendant sa lecture, et elle n’a pas été jugée. Arrêtez-la, puis lancez-en une autre quand plus personne n’écrit dans la source.",
      definition_changed:
        "Elle est interrompue, car sa définition a changé depuis son début. Arrêtez-la, puis lancez-en une autre d’après celle-ci ; avec la définition d’avant, elle peut continuer.",
      ledger_incomplete:
        "Elle est interrompue : des lignes qu’elle a écrites sont encore sur la plateforme, et son registre n’en a rien ; tout le reste est annulé. Retirez-les à la main et annulez à nouveau ; ou arrêtez-la, ce qui les laisse. Jusque-là aucune autre exécution de cette migration ne commence.",
      sent_back:
        "Elle a été renvoyée lors de l’accord. Une fois corrigé ce que demande la remarque, laissez-la continuer : ses lignes sont jugées à nouveau s’il le faut, et l’accord est redemandé. Ce qui se corrige dans la définition demande une autre exécution : arrêtez celle-ci, ou annulez ce qu’elle a écrit.",
      halted_stopped:
        "Elle est interrompue, et on lui a dit de s’arrêter, comme le fait toute annulation. Une fois la cause corrigée, une annulation retire ce qui reste ; arrêtée, elle est finie et le laisse. Ou elle peut continuer après un nouvel accord.",
      paused: "Elle est en pause jusqu’à ce que quelqu’un la laisse continuer ou l’arrête.",
      judged_anew:
        "Elle est à l’arrêt, car des correspondances ont été décidées depuis que ses lignes ont été jugées ; ce qui a été demandé ou accordé à leur sujet ne compte plus. Reprise, elle les juge à nouveau, et une autre personne que celle qui l’a lancée est de nouveau interrogée.",
      stopped:
        "Elle a été arrêtée ; ce qui a été écrit reste. Elle peut continuer ou être annulée.",
      stopped_unwritten: "Elle a été arrêtée, et rien n’en est écrit. Elle peut continuer.",
      stopped_asking:
        "Elle a été arrêtée alors qu’elle attendait un accord, qui est toujours demandé : une réponse seule n’écrit rien. Elle peut continuer ou être annulée.",
      restoring:
        "La sauvegarde avec laquelle elle a été lancée est en cours de restauration, ou celle-ci a été interrompue : la plateforme est comme elle était, ou comme dans la sauvegarde. La même commande, dans un terminal, va jusqu’au bout et dit lequel.",
      nothing_to_commit:
        "Elle est terminée : aucune ligne n’a pu être écrite, et chacune dit pourquoi. Après une décision sur une correspondance, elle peut continuer et les juger à nouveau.",
      complete: "Elle est terminée. Une annulation retirerait tout ce qu’elle a écrit.",
      rolled_back:
        "Elle est annulée. Revoyez les correspondances avant de lancer une nouvelle exécution.",
      rows_left:
        "Elle est annulée, à l’exception de lignes qui sont encore là : quelqu’un a changé ce qu’elle a écrit ou s’y réfère depuis, ou la plateforme le refuse. L’aperçu de l’annulation les nomme ; une fois cela corrigé, une annulation les retire.",
      told_to_stop:
        "On lui a dit de s’arrêter, comme le fait toute annulation : renvoyée, celle-ci retire ce qui reste. Ou elle peut continuer après un nouvel accord.",
      copies_left:
        "Elle a commencé à retirer des copies de fichiers, et rien ne tourne. D’autres exécutions qui nomment ces fichiers attendent qu’on la renvoie.",
      answered:
        "On a répondu à sa question, et elle continue dans un instant. Si c’est encore écrit une minute plus tard, laissez-la continuer.",
      unanswered:
        "Personne n’a répondu à la demande d’accord avant que le lien expire, et personne ne le peut plus. Reprise, elle demande de nouveau.",
      withdrawn:
        "Sa demande d’accord a été retirée : personne ne peut plus y répondre, et rien ne continue de soi-même. Reprise, elle revoit ses lignes s’il le faut, puis demande de nouveau ; si les règles ont changé depuis son début, arrêtez-la et lancez-en une autre.",
      goes_on: "Elle continue d’elle-même.",
      one_step: "Une seule de ses étapes est en cours et s’en tient là : rien ne suit de soi-même.",
      taken_back:
        "Ce qu’elle a écrit est en train d’être annulé, de la dernière vague à la première. Cela continue sans personne.",
      platform_busy:
        "La prochaine vague attend que la plateforme soit moins occupée. Elle continue d’elle-même.",
      preflight_failed:
        "Son contrôle préalable a échoué, rien n’a donc été lu. Corrigez ce qu’il signale et lancez une nouvelle exécution.",
      failed:
        "Elle a échoué, et rien ne tourne. Une fois réparé ce qui est dit ici, reprenez-la : elle continue d’où elle en est.",
      asks_next: "Rien ne tourne. L’étape suivante demande l’accord puis continue.",
      stage_next: "Rien ne tourne. L’étape suivante peut être lancée.",
    } satisfies Record<NextKind, string> as Readonly<Record<NextKind, string>>,
  },
  waits: {
    en: waitsIn({
      answer: "a sign-off",
      decision: "a decision",
      start: "a start",
      anew: "a new start",
    }),
    fr: waitsIn({
      answer: "un accord",
      decision: "une décision",
      start: "un départ",
      anew: "un nouveau départ",
    }),
  },
  waitingBecause: {
    en: "The next wave is waiting because",
    fr: "La prochaine vague attend parce que",
  },
  watched: {
    en: (id: string, value: number | null, above: number) =>
      value === null
        ? `${id} cannot be read`
        : `${id} is ${en.figure(value)}, above ${en.figure(above)}`,
    fr: (id: string, value: number | null, above: number) =>
      value === null
        ? `${id} ne peut pas être lu`
        : `${id} est à ${fr.figure(value)}, plus que ${fr.figure(above)}`,
  },
  goodReadings: {
    en: (good: number, enough: number) => `of ${enough} good readings it has ${good}`,
    fr: (good: number, enough: number) => `sur ${enough} bonnes mesures, il y en a ${good}`,
  },
  nobodyAwaited: { en: "nobody", fr: "personne" },
  openSignOff: { en: "Look, and decide", fr: "Regarder et décider" },
  lookAtSignOff: { en: "Look at what is asked", fr: "Voir ce qui est demandé" },
  whatNext: { en: "What comes next", fr: "La suite" },
  haltedBecause: {
    en: (at: string | undefined) =>
      at === undefined ? "Halted because:" : `Halted at ${at}, because:`,
    fr: (at: string | undefined) =>
      at === undefined ? "Raison de l’interruption :" : `Interrompue le ${at}, pour cette raison :`,
  },
  lastFailed: {
    en: (step: string) => `What was begun last failed in its step “${step}”:`,
    fr: (step: string) => `Ce qui a été lancé en dernier a échoué à l’étape « ${step} » :`,
  },
  source: { en: "Source", fr: "Source" },
  whileRead: sayWhileRead,
  whyAsked: sayWhyAsked,
  focus: { en: "Focus", fr: "Priorité" },
  waves: { en: "Waves", fr: "Vagues" },
  wave: { en: "Wave", fr: "Vague" },
  verdict: { en: "Checks", fr: "Contrôles" },
  clean: { en: "clean", fr: "sans faute" },
  notClean: { en: "not clean", fr: "avec faute" },
  notJudged: { en: "not yet", fr: "pas encore" },
  took: { en: "Took", fr: "Durée" },
  seconds: {
    en: (seconds: number) => `${en.count(seconds)} s`,
    fr: (seconds: number) => `${fr.count(seconds)} s`,
  },
  lastOf: {
    en: (shown: number, all: number) => `The last ${en.count(shown)} of ${en.count(all)}.`,
    fr: (shown: number, all: number) => `Les ${fr.count(shown)} dernières sur ${fr.count(all)}.`,
  },
  noWaves: { en: "No wave was written yet.", fr: "Aucune vague n’a encore été écrite." },
  balance: { en: "Where every row stands", fr: "Où en est chaque ligne" },
  balanceHolds: {
    en: "Every staged row is in exactly one of these states.",
    fr: "Chaque ligne lue se trouve dans un seul de ces états.",
  },
  balanceBroken: {
    en: "The balance does not hold: rows are missing or in no state. Stop the run, and look for what changed the staging tables.",
    fr: "Le bilan n’est pas juste : des lignes manquent ou n’ont pas d’état. Arrêtez l’exécution et cherchez ce qui a modifié les tables.",
  },
  evidence: { en: "Evidence", fr: "Preuve" },
  signOffs: { en: "Sign-offs", fr: "Accords" },
  asked: { en: "Asked", fr: "Demandé" },
  decidedBy: { en: "Decided by", fr: "Décidé par" },
  remark: { en: "Remark", fr: "Remarque" },
  question: { en: "Question", fr: "Question" },
  noSignOffs: { en: "Nobody was asked yet.", fr: "Personne n’a encore été interrogé." },
  answers: {
    en: {
      pending: "pending",
      approved: "approved",
      rejected: "rejected",
      changes: "changes asked for",
      voided: "withdrawn",
      expired: "expired",
    } as Readonly<Record<string, string>>,
    fr: {
      pending: "en attente",
      approved: "accordé",
      rejected: "refusé",
      changes: "changements demandés",
      voided: "retiré",
      expired: "expiré",
    } as Readonly<Record<string, string>>,
  },
  tookUpon: {
    en: (person: string, why: string) => `stop overridden by ${person}: “${why}”`,
    fr: (person: string, why: string) => `condition d’arrêt levée par ${person} : « ${why} »`,
  },
  workflowAway: {
    en: "The workflow could not be asked just now. Everything else on this page is as it is stored.",
    fr: "Le déroulement n’a pas pu être interrogé. Le reste de cette page est tel qu’il est enregistré.",
  },
  workflow: { en: "Workflow", fr: "Déroulement" },
  picture: { en: "Picture of the steps", fr: "Image des étapes" },
  machine: { en: "The steps as a picture", fr: "Les étapes en image" },
  nowAt: { en: "The steps as a picture, now at", fr: "Les étapes en image, actuellement à" },
  lastAt: { en: "The steps as a picture, last at", fr: "Les étapes en image, en dernier à" },
  noSteps: {
    en: "Nothing is known of its steps: its execution is over for long, or has not begun.",
    fr: "On ne sait rien de ses étapes : son exécution est terminée depuis longtemps ou n’a pas commencé.",
  },
  stepNotSeen: {
    en: "It did not come through this step lately.",
    fr: "Elle n’est pas passée récemment par cette étape.",
  },
  stepEvents: { en: "What happened", fr: "Ce qui s’est passé" },
  stepInput: { en: "What it was given", fr: "Ce qu’elle a reçu" },
  stepOutput: { en: "What came of it", fr: "Ce qu’elle a donné" },
  at: { en: "At", fr: "Quand" },
  event: { en: "Event", fr: "Événement" },
  error: { en: "Error", fr: "Erreur" },
  progress: {
    en: (stage: string, done: number, total: number) =>
      `${stage}: ${en.count(done)} of ${en.count(total)} ${total === 1 ? "row" : "rows"}`,
    fr: (stage: string, done: number, total: number) =>
      `${stage} : ${fr.count(done)} ${done < 2 ? "ligne" : "lignes"} sur ${fr.count(total)}`,
  },
  pace: {
    en: (rate: number, left: number | null) =>
      `${en.count(Math.round(rate))} rows/s${left === null ? "" : `, about ${en.count(Math.ceil(left))} s left`}`,
    fr: (rate: number, left: number | null) =>
      `${fr.count(Math.round(rate))} lignes/s${left === null ? "" : `, encore ${fr.count(Math.ceil(left))} s environ`}`,
  },
} as const;
