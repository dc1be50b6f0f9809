import { formatsIn } from "./formats.ts";

const { fr } = formatsIn;

type Obstacles = Readonly<Record<string, ((unjudged: number) => string) | undefined>>;
type Sentences = Readonly<Record<string, string | undefined>>;

/**
 * What is said of a refusal in another language than the engine's own: what was wrong, whether anything was changed,
 * and what to do. In English the engine says it, of the case in hand.
 */
export const refusalTexts = {
  refusalSays: {
    en: {} as Sentences,
    fr: {
      AlreadyDecided:
        "Quelqu’un a déjà décidé, ou cet accord n’est plus demandé. Rien de plus n’a été changé ; ouvrez l’exécution pour voir ce qui a été décidé.",
      ApproverIsStarter:
        "Vous avez lancé cette exécution : c’est à une autre personne de décider. Rien n’a été changé.",
      AnotherRunCommits:
        "Une autre exécution de la même migration est en train d’écrire. Rien n’a été changé.",
      CommentMissing:
        "Un refus ou une demande de changements dit pourquoi. Rien n’a été décidé ; écrivez un commentaire.",
      DecisionMissing: "Rien n’a été choisi, et rien n’a été changé. Choisissez, puis renvoyez.",
      DigestChanged:
        "Ce sur quoi portait la demande a changé depuis. Rien n’a été décidé ; la simulation et l’export sont refaits, et vous serez interrogé à nouveau.",
      ExportMissing:
        "L’export de relecture manque : sans lui, rien ne peut être décidé. Rien n’a été changé.",
      FormNotTrusted:
        "Ce formulaire ne vient pas de la page elle-même. Rien n’a été changé ; rouvrez la page et remplissez-le là.",
      InputInvalid:
        "Une valeur envoyée n’est pas de celles que cette page accepte. Rien n’a été changé.",
      InvalidSetting:
        "Un moment s’écrit 2025-01-31, 2025-01-31T08:00Z ou « -90 days ». Rien n’a été lancé.",
      LinkExpired:
        "Ce lien n’est plus valable : il a expiré, ou la question a été retirée. Rien n’a été changé ; utilisez le courriel le plus récent, ou ouvrez l’exécution.",
      LinkUnknown:
        "Ce lien est inconnu : il a été mal copié, ou il a déjà servi. Rien n’a été changé ; ouvrez celui du courriel le plus récent.",
      MethodNotAllowed: "Cette page se lit et se remplit, rien d’autre. Rien n’a été changé.",
      NotSignedIn: "Personne n’est connecté. Rien n’a été changé ; connectez-vous d’abord.",
      NotVerified:
        "Une fonctionnalité n’est activée que par une exécution terminée et vérifiée. Rien n’a été changé.",
      PageUnknown:
        "Il n’y a pas de page à cette adresse. Rien n’a été changé ; ouvrez le lien du courriel le plus récent, et vérifiez qu’il est copié en entier.",
      PermissionDenied:
        "Il vous manque un droit pour cela. Rien n’a été changé ; demandez-le à un administrateur.",
      PersonalDataInRemark:
        "Le texte contient un numéro, une adresse ou un nom. Il n’a pas été gardé ; écrivez-le sans nommer personne.",
      QuestionClosed: "Cette question est déjà close. Rien n’a été changé.",
      QuestionMissing: "La question est vide. Rien n’a été demandé.",
      QuestionOpen:
        "Une question sur une ligne est ouverte : tant qu’elle l’est, rien ne peut être approuvé. Rien n’a été décidé.",
      ReasonMissing: "Il faut une raison. Rien n’a été changé.",
      RowHeldByPlan:
        "C’est le plan de la définition qui retient cette ligne, et personne ne la libère à la main. Rien n’a été changé.",
      RowNotHeld: "Personne ne retient cette ligne. Rien n’a été changé.",
      RowWritten: "Une vague a déjà écrit cette ligne. Rien n’a été changé.",
      RunErased:
        "Les personnes de cette exécution ont été effacées : ce qui les concerne n’est plus possible. Rien n’a été changé.",
      SampleNotJudged:
        "Des lignes de l’échantillon n’ont pas encore de verdict, ou vous n’en avez jugé aucune. Rien n’a été décidé.",
      SignInOver:
        "Depuis votre connexion, vos droits ont changé. Vous n’avez rien modifié ; reconnectez-vous.",
      StarterUnknown:
        "On ne sait pas encore qui a lancé cette exécution. Rien n’a été changé ; réessayez dans quelques minutes.",
      StopConditionHolds:
        "Une condition d’arrêt est remplie. Rien n’a été décidé : refusez, ou qu’une personne passe outre avec une raison et qu’une autre approuve.",
      UnknownExport:
        "Cette exécution n’a pas cet export, ou il ne contient pas ce fichier. Rien n’a été téléchargé.",
      UnknownFeature: "La définition ne nomme pas cette fonctionnalité. Rien n’a été changé.",
      UnknownRow: "Cette exécution n’a pas cette ligne. Rien n’a été changé.",
      UnknownRun: "Cette exécution n’existe pas. Rien n’a été changé ; la liste les montre toutes.",
      VerdictUnclear:
        "Un verdict dit juste ou faux, et ce qui est faux. Aucun verdict n’a été gardé.",
    } as Sentences,
  },
  obstacleSays: {
    en: {} as Obstacles,
    fr: {
      QuestionOpen: () =>
        "Une question sur une ligne est ouverte : celui qui l’a posée la clôt, ou un approbateur avec une raison.",
      SampleNotJudged: (unjudged) =>
        unjudged === 0
          ? "Vous n’avez jugé aucune ligne d’un échantillon : qui approuve en a jugé au moins une de chacun."
          : unjudged === 1
            ? "1 ligne de l’échantillon n’a pas encore de verdict."
            : `${fr.count(unjudged)} lignes de l’échantillon n’ont pas encore de verdict.`,
      StopConditionHolds: () =>
        "Une condition d’arrêt est remplie : refusez, ou qu’une personne passe outre avec une raison et qu’une autre approuve.",
    } as Obstacles,
  },
} as const;
