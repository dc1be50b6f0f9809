/**
 * What is said of a refusal in French, by its name: what was wrong, whether anything was changed, and what to do. In
 * English the refusal says it itself, of the case in hand. Those of a terminal alone are not here.
 */
export const refusalsInFrench: Readonly<Record<string, string | undefined>> = {
  AccessDenied:
    "Le stockage des preuves a refusé l’accès. Rien n’a été changé ; vérifiez les droits de cet environnement.",
  AlreadyDecided:
    "Quelqu’un a déjà décidé. Rien de plus n’a été changé ; ouvrez l’exécution pour voir ce qui a été décidé.",
  AnotherRunCommits:
    "Une autre exécution de la même migration est en train d’écrire. Rien n’a été changé.",
  ApproverIsStarter:
    "Vous avez lancé cette exécution : c’est à une autre personne de décider. Rien n’a été changé.",
  BundleDamaged:
    "Le manifeste de cet export n’est pas celui qui a été signé, ou un fichier manque. Rien n’a été téléchargé ; refaites l’export et cherchez qui l’a modifié.",
  BundleMissing:
    "Il n’y a pas de dossier d’audit terminé à cet endroit. Rien n’a été écrit ; exportez-en un.",
  CommentMissing:
    "Un refus ou une demande de changements dit pourquoi. Rien n’a été décidé ; écrivez un commentaire.",
  ConnectionLost:
    "La connexion à la base de données, au stockage des preuves ou à un service d’AWS s’est coupée en chemin. Ce qui était en cours est écrit tout entier, ou pas du tout ; renvoyée, l’étape retrouve ce qui est écrit et continue de là.",
  CopiesBeingRemoved:
    "Des copies de fichiers que cette vague nomme sont en train d’être retirées par une annulation. Rien n’a été écrit ; laissez-la finir, puis reprenez.",
  CopiesStand:
    "Des fichiers que l’exécution a copiés pour des lignes qu’elle n’a pas écrites sont encore là. Rien n’a été changé ; annulez-la pour les retirer, puis effacez.",
  CopyFailed:
    "Un fichier n’a pas pu être copié, ou sa copie n’a pas pu être relue ou retirée. Rien de la vague n’a été écrit ; vérifiez la place et les droits de l’espace de fichiers.",
  DatabaseContended:
    "Quelqu’un d’autre écrivait les mêmes lignes au même moment. Rien de ceci n’a été écrit ; renvoyez-le.",
  DatabaseErrorException:
    "La base de données a refusé une instruction. Rien n’est écrit à moitié : une vague est là tout entière, ou pas du tout. Regardez le message technique, puis reprenez.",
  DatabaseTooOld:
    "Cette version de PostgreSQL est trop ancienne : il faut la 16 ou une plus récente. Rien n’a été écrit ; mettez la base à niveau, puis préparez-la.",
  DecisionMissing: "Rien n’a été choisi, et rien n’a été changé. Choisissez, puis renvoyez.",
  DefinitionChanged:
    "La définition n’est plus celle à laquelle l’exécution est liée. Rien n’a été écrit ; lancez une nouvelle exécution, ou remettez la définition.",
  "Runtime.ExitError":
    "L’étape a été coupée dans sa fonction, comme lorsque la mémoire vient à manquer. Ce qui est écrit reste ; regardez l’exécution, puis reprenez-la.",
  "Sandbox.Timedout":
    "L’étape a pris plus de temps qu’elle n’en a, comme lorsque sa machine était en veille. Ce qui est écrit reste ; regardez l’exécution, puis reprenez-la.",
  StatementTimeoutException:
    "Une instruction a pris plus de temps que l’API de données n’en laisse à une seule. Ce qui était en cours est écrit tout entier, ou pas du tout ; renvoyée, l’étape retrouve ce qui est écrit et continue de là.",
  NotSignedOff:
    "Personne n’a encore donné son accord pour cette vague. Rien n’a été écrit ; demandez un accord d’abord.",
  RunMovedOn:
    "Quelqu’un d’autre a dit quelque chose à cette exécution, ou en a lancé quelque chose, ou elle a été annulée, depuis que vous l’avez regardée. Rien n’a été changé ; regardez-la, et renvoyez-le si c’est toujours voulu.",
  RunUnderWay:
    "Quelque chose de cette exécution est déjà en cours, et ceci n’a pas été lancé à côté. Regardez l’exécution, et renvoyez-le une fois que c’est terminé.",
  SessionsUnsettled:
    "Les sessions de wavegate ne commencent pas comme l’installation l’a réglé, et la base de données a refusé une instruction. Ce qui était fait auparavant reste ; `wavegate doctor` dit comment corriger ce réglage, puis renvoyez-le.",
  SignOffLapsed:
    "Quelqu’un sur qui repose l’accord ne peut plus décider de ce qui est écrit. Rien n’a été écrit ; demandez un nouvel accord.",
  SignOffRejected:
    "La dernière décision est un refus, ou une demande de changements. Rien n’a été écrit ; corrigez ce qui a été relevé, puis demandez un nouvel accord.",
  SignOffStale:
    "Ce sur quoi portait l’accord a changé depuis. Rien n’a été écrit ; refaites la simulation et l’export, puis demandez un nouvel accord.",
  StatementTooLong:
    "La définition donne une instruction plus longue que ce que la base accepte. Rien n’en a été écrit ; dites-la en moins de mots, ou faites deux sortes de choses d’une seule.",
  DefinitionInvalid:
    "La définition contient des erreurs. Rien n’a été écrit ; corrigez ce que dit le message technique.",
  DigestChanged:
    "Ce sur quoi portait la demande a changé depuis. Rien n’a été décidé ; la simulation et l’export sont refaits, et vous serez interrogé à nouveau.",
  DrillFailed:
    "L’exercice d’annulation ne s’est pas passé comme prévu. L’exécution s’arrête ; regardez son certificat avant toute nouvelle vague.",
  DrillTooEarly:
    "La première vague n’est pas encore écrite et vérifiée : il n’y a rien à exercer. Rien n’a été écrit.",
  DryRunMissing:
    "Il n’y a pas de simulation de l’état présent. Rien n’a été écrit ; faites-la d’abord.",
  DryRunStale: "Quelque chose a changé depuis la simulation. Rien n’a été écrit ; refaites-la.",
  EnvironmentIncomplete:
    "Il manque un réglage à cet environnement. Rien n’a été écrit ; complétez-le.",
  ExportMissing:
    "L’export de relecture manque : sans lui, rien ne peut être décidé. Rien n’a été changé.",
  FeatureTurned:
    "Quelqu’un d’autre a réglé cette fonctionnalité depuis que vous l’avez regardée. Rien n’a été changé ; regardez-la à nouveau, puis décidez.",
  MappingDecided:
    "Quelqu’un d’autre a décidé de cette correspondance depuis que vous l’avez regardée. Rien n’a été écrit ; regardez-la à nouveau, puis décidez.",
  RowHeldByAnother:
    "Quelqu’un d’autre retient cette ligne depuis que vous l’avez regardée. Rien n’a été changé ; regardez-la à nouveau, puis décidez.",
  FeatureOn:
    "Une fonctionnalité qui attend une exécution vérifiée est activée : on verrait ce que personne n’a vérifié. Rien n’a été écrit ; désactivez-la, puis reprenez l’exécution.",
  FilesUnreachable:
    "Les fichiers que nomme la source ne sont pas accessibles. Rien n’a été écrit ; vérifiez le dossier ou l’espace de fichiers.",
  FinalVerificationFailed:
    "La vérification finale a échoué. Elle n’a rien changé ; regardez ce qui ne concorde pas avant de continuer.",
  FolderNotEmpty: "Ce dossier n’est pas vide. Rien n’a été écrit ; nommez-en un autre.",
  FormNotTrusted:
    "Ce formulaire ne vient pas de la page elle-même. Rien n’a été changé ; rouvrez la page et remplissez-le là.",
  ImportIncomplete:
    "La lecture n’est pas terminée : des plages restent à lire. Reprenez l’exécution.",
  ImportUnbalanced:
    "Le nombre de lignes lues et de lignes gardées diffère. Rien n’a été écrit sur la plateforme ; lancez une nouvelle exécution.",
  InexactInteger:
    "Un nombre est trop grand pour être gardé sans perte. Rien n’a été écrit ; la ligne concernée est à corriger.",
  InputInvalid:
    "Une valeur envoyée n’est pas de celles que cette page accepte. Rien n’a été changé.",
  InvalidPerson: "Ce nom ne convient pas à une personne. Rien n’a été écrit.",
  InvalidSetting:
    "Un moment s’écrit 2025-01-31, 2025-01-31T08:00Z ou « -90 days ». Rien n’a été lancé.",
  KeyNamesSeveral:
    "D’autres lignes de la plateforme ont reçu les clés de lignes de la vague. Rien n’a été changé ; donnez-leur des clés à elles, ou détachez la partition où elles sont.",
  KeySecretGone:
    "La table wavegate.key_secret est vide : sans elle, rien de ce qui a déjà été migré n’est reconnu. Rien n’a été changé ; remettez sa ligne depuis une sauvegarde de cette base, puis réinstallez.",
  LedgerIncomplete:
    "Des lignes que l’exécution a écrites n’ont plus d’entrée dans son registre : personne ne peut prouver ce qui est à elle, et elles restent sur la plateforme. Tout le reste est annulé ; retirez-les à la main, puis annulez à nouveau, ou arrêtez-la pour les laisser : jusque-là aucune autre exécution de cette migration ne commence.",
  LinkExpired:
    "Ce lien n’est plus valable : il a expiré, ou la question a été retirée. Rien n’a été changé ; utilisez le courriel le plus récent, ou ouvrez l’exécution.",
  LinkUnknown:
    "Ce lien est inconnu : il a été mal copié, ou il a déjà servi. Rien n’a été changé ; ouvrez celui du courriel le plus récent.",
  MailFailed:
    "Aucune des personnes qui peuvent décider n’a pu être prévenue par courriel. La question est gardée ; réessayez, ce qui envoie un nouveau lien.",
  MethodNotAllowed: "Cette page se lit et se remplit, rien d’autre. Rien n’a été changé.",
  NoApprover:
    "Personne d’autre que celui qui l’a lancée ne peut décider. Rien n’a été écrit ; donnez ce droit à quelqu’un d’autre.",
  NoMappings: "La migration n’a pas de correspondance de ce nom. Rien n’a été écrit.",
  NotBegun: "La restauration n’a pas commencé. Rien n’a été changé.",
  NotIdentified: "On ne sait pas qui demande. Rien n’a été fait ; connectez-vous d’abord.",
  NotReady:
    "L’exécution n’est pas prête à passer à l’échelle : un point de la liste n’est pas rempli. Rien n’a été écrit ; la page de l’exécution montre lequel.",
  NotSignedIn: "Personne n’est connecté. Rien n’a été changé ; connectez-vous d’abord.",
  NotVerified:
    "Une fonctionnalité n’est activée que par une exécution terminée et vérifiée. Rien n’a été changé.",
  NothingToCommit: "Il ne reste aucune ligne pour cette vague. Rien n’a été écrit.",
  NothingToOverride:
    "Aucune condition d’arrêt n’est remplie : il n’y a rien à lever. Rien n’a été enregistré.",
  NothingToUndo: "Vous n’avez pas donné de verdict sur cette ligne. Rien n’a été changé.",
  ObjectExists:
    "Un objet de ce nom est déjà gardé, et il n’a pas été remplacé. Rien d’autre n’a été écrit.",
  PageInvalid: "Une page de lignes ne peut pas avoir cette longueur. Rien n’a été lu.",
  PageUnknown:
    "Il n’y a pas de page à cette adresse. Rien n’a été changé ; ouvrez le lien du courriel le plus récent, et vérifiez qu’il est copié en entier.",
  PermissionDenied:
    "Il vous manque un droit pour cela. Rien n’a été changé ; demandez-le à un administrateur.",
  PercentageInvalid: "Une part va de 0 à 100. Rien n’a été changé.",
  PersonLooksAlike:
    "Ce nom ressemble trop à celui d’une autre personne. Rien n’a été écrit ; prenez-en un autre.",
  PersonalDataInAudit:
    "Ce qui devait aller dans le journal d’audit contient des données de personnes. Cela n’a pas été gardé.",
  PersonalDataInRemark:
    "Le texte contient un numéro, une adresse ou un nom. Il n’a pas été gardé ; écrivez-le sans nommer personne.",
  PinUnreadable:
    "Ce à quoi l’exécution est liée a été écrit par une autre version de wavegate. Rien n’a été changé ; utilisez celle qui l’a commencée, ou une plus récente.",
  PlatformBusy:
    "La plateforme est trop occupée : aucune vague ne commence. Rien n’a été écrit ; la demande est répétée d’elle-même.",
  PlatformRefused:
    "La plateforme a refusé ce qui était à faire de cette vague. Rien n’en a été fait ; une règle, un droit ou un déclencheur de la plateforme s’y oppose.",
  PlatformTablesMissing:
    "Il manque à la plateforme des tables que la migration écrit. Rien n’a été installé ; vérifiez que c’est la bonne base.",
  PolicyDenied:
    "Une règle de sécurité de la plateforme cache des lignes à wavegate (policy_denied). Rien n’a été écrit ; donnez-lui les droits nécessaires.",
  PreflightFailed:
    "Un contrôle préalable a échoué. Rien n’a été lu ; corrigez ce qu’il signale et lancez une nouvelle exécution.",
  PrivilegesMissing:
    "Il manque à wavegate des droits sur la base de la plateforme. Rien n’a été écrit ; refaites l’installation.",
  QuestionClosed: "Cette question est déjà close. Rien n’a été changé.",
  QuestionMissing: "La question est vide. Rien n’a été demandé.",
  QuestionOpen:
    "Une question sur une ligne est ouverte : tant qu’elle l’est, rien ne peut être approuvé. Rien n’a été décidé.",
  ReasonMissing: "Il faut une raison. Rien n’a été changé.",
  ReferenceRepeated:
    "Deux lignes de la source ont le même numéro, et ce qui y renvoie peut désigner l’une ou l’autre. Rien n’a été lu ; corrigez-les dans une copie de la source.",
  ReferenceUnknown:
    "La définition nomme des colonnes que la plateforme n’a pas. Rien n’a été écrit ; corrigez la définition.",
  ReportChanged:
    "Ce que la simulation avait annoncé a été modifié depuis : le journal en a une autre empreinte. Personne ne peut décider d’après lui, et rien n’a été écrit ; prévenez le propriétaire de la base, puis refaites la simulation.",
  ReviewOutdated:
    "Les règles ou les correspondances ont changé depuis la simulation. L’export n’a pas été enregistré ; refaites la simulation.",
  ReviewOvertaken:
    "L’exécution a été rejugée, arrêtée ou annulée pendant que la question était posée. Personne n’a été interrogé ; reprenez l’exécution.",
  RollbackUnbalanced:
    "Une vague n’a pas pu être annulée tout entière : rien n’en a donc été annulé.",
  RowCountError:
    "Une instruction a touché un autre nombre de lignes que prévu. Elle a été annulée tout entière.",
  RowHeldByPlan:
    "C’est le plan de la définition qui retient cette ligne, et personne ne la libère à la main. Rien n’a été changé.",
  RowNotHeld: "Personne ne retient cette ligne. Rien n’a été changé.",
  RowWritten: "Une vague a déjà écrit cette ligne. Rien n’a été changé.",
  RunCompleted: "L’exécution est terminée. Rien n’a été changé.",
  RunErased:
    "Les personnes de cette exécution ont été effacées : ce qui les concerne n’est plus possible. Rien n’a été changé.",
  RunIsTrial: "C’est un essai : personne ne le signe et rien n’en est écrit. Lancez une exécution.",
  RunNoTrial: "Ce n’est pas un essai, et seul un essai s’oublie. Rien n’a été changé.",
  RunInUse:
    "Autre chose est en cours avec cette exécution. Rien n’a été changé ; réessayez quand ce sera fini.",
  RunNotOver:
    "L’exécution peut encore écrire : ses personnes ne sont effacées que lorsqu’elle est finie. Rien n’a été changé.",
  RunPaused: "L’exécution est en pause. Rien n’a été écrit ; laissez-la continuer d’abord.",
  RunStopped: "L’exécution a été arrêtée. Rien n’a été écrit ; laissez-la continuer d’abord.",
  SampleNotJudged:
    "Des lignes de l’échantillon n’ont pas encore de verdict, ou vous n’en avez jugé aucune. Rien n’a été décidé.",
  SampleUnknown: "Cette ligne n’est pas de l’échantillon. Rien n’a été changé.",
  SecretUnreadable:
    "Un secret de cet environnement ne peut pas être lu. Rien n’a été écrit ; vérifiez-le et ses droits.",
  SettingNotFound:
    "La valeur d’un réglage n’a pas été trouvée dans le système. Rien n’a été écrit.",
  SeveralSuggested:
    "Plusieurs choses de la plateforme sont aussi proches : aucune n’est confirmée d’office. Rien n’a été écrit ; nommez celle qui convient.",
  SideEffects:
    "Sur la plateforme, plus de choses ont changé que prévu : un déclencheur ou une règle a agi. Tout a été annulé dans la même transaction.",
  SignInOver:
    "Depuis votre connexion, vous vous êtes déconnecté, vos droits ont changé, ou l’horloge de la base a été reculée. Vous n’avez rien modifié ; reconnectez-vous, et si cela ne suffit pas, faites préparer la base à nouveau.",
  SignatureWrong:
    "La clé publique ne vérifie pas la signature. Le dossier n’a pas été terminé ; vérifiez la clé, puis exportez à nouveau.",
  SourceAccessDenied:
    "L’ancien système refuse l’accès. Rien n’a été lu ; vérifiez l’utilisateur et ses droits.",
  SourceChanged:
    "La source a changé pendant qu’elle était lue. Rien n’a été écrit sur la plateforme ; lisez d’une copie qui ne change pas.",
  SourceFailed:
    "La lecture de l’ancien système a échoué. Rien n’a été écrit sur la plateforme ; reprenez l’exécution.",
  SourceLimitReached:
    "L’ancien système n’accepte pas plus de connexions ou de demandes. Rien n’a été écrit sur la plateforme ; reprenez plus tard.",
  SourceLost:
    "La connexion à l’ancien système s’est coupée. Rien n’a été écrit sur la plateforme ; reprenez l’exécution.",
  SourceRowUnreadable:
    "Une ligne de la source ne peut pas être lue. Rien n’a été écrit sur la plateforme ; corrigez-la dans une copie.",
  SourceSchemaMismatch:
    "Les tables ou colonnes de la source ne sont pas celles que dit la définition. Rien n’a été lu ; corrigez l’une ou l’autre.",
  SourceSettingsInvalid:
    "Les réglages de la source ne conviennent pas. Rien n’a été lu ; corrigez-les.",
  SourceUnreachable:
    "L’ancien système ne répond pas. Rien n’a été lu ; vérifiez son adresse et le réseau, puis reprenez.",
  StageMissing:
    "Une étape précédente n’est pas terminée. Rien n’a été écrit ; faites-la d’abord, ou reprenez l’exécution.",
  StageOvertaken:
    "Les lignes ont été rejugées pendant qu’une étape travaillait. Rien n’a été écrit ni montré ; reprenez l’exécution.",
  StagingChanged:
    "La définition n’a plus une table qui garde des lignes d’exécutions antérieures : elles seraient migrées une seconde fois. Rien n’a été installé ; tant que la définition s’écrit, essayez-la avec `wavegate try`, dont les lignes s’oublient.",
  StagingOutdated:
    "Le schéma de cette base est d’une version antérieure. Rien n’a été changé ; gardez les preuves, supprimez-le et réinstallez.",
  StarterUnknown:
    "On ne sait pas encore qui a lancé cette exécution. Rien n’a été changé ; réessayez dans quelques minutes.",
  StandingChanged:
    "Ce qui arrête l’accord, ou qui a passé outre, n’est plus ce que vous aviez vu. Rien n’a été décidé ; regardez à nouveau, puis décidez.",
  StopConditionHolds:
    "Une condition d’arrêt est remplie. Rien n’a été décidé : refusez, ou qu’une personne passe outre avec une raison et qu’une autre approuve.",
  TargetColumnUnfit:
    "Une colonne de la plateforme manque ou ne convient pas à ce que la migration écrit. Rien n’a été installé.",
  TargetGone:
    "Une table ou une colonne que la vague écrit n’est plus sur la plateforme sous son nom, ou une de ses partitions en a été détachée. Rien n’a été changé ; rendez-lui son nom ou sa partition, ou restaurez une sauvegarde.",
  TargetKeyUndrawn:
    "La plateforme ne tire pas de clé : la colonne n’a pas de valeur par défaut, ou sa séquence est épuisée, en retard sur les lignes, ou trop grande pour la colonne ; ou il manque des partitions pour ce qu’elle tire. Rien n’a été écrit et aucune ligne n’est retenue pour cela ; corrigez la colonne, sa séquence ou les partitions, puis reprenez.",
  TokenUnreadable:
    "Un jeton scellé ne peut pas être lu : la clé de l’environnement a changé. Rien n’a été changé ; reprenez l’exécution.",
  TriggersSilenced:
    "Un réglage de cette base fait qu’aucun déclencheur ni aucune clé étrangère n’agit. Rien n’a été écrit ; remettez-le, comme le dit `wavegate doctor`, puis reprenez.",
  UnknownCommand: "Cette commande n’existe pas. Rien n’a été changé.",
  UnknownExport:
    "Cette exécution n’a pas cet export, ou il ne contient pas ce fichier. Rien n’a été téléchargé.",
  UnknownFeature: "La définition ne nomme pas cette fonctionnalité. Rien n’a été changé.",
  UnknownFocus: "Il n’y a pas de priorité de ce nom. Rien n’a été lu ni écrit.",
  UnknownMigration: "Il n’y a pas de migration de ce nom. Rien n’a été écrit.",
  UnknownPermission: "Ce droit n’existe pas. Rien n’a été écrit.",
  UnknownPerson: "Personne ne porte ce nom ici. Rien n’a été changé.",
  UnknownQuestion: "Cette exécution n’a pas cette question. Rien n’a été changé.",
  UnknownRange: "Cette plage de lecture n’existe pas. Rien n’a été écrit.",
  UnknownRegion:
    "L’indicatif de pays de la définition n’existe pas. Rien n’a été écrit ; corrigez-la.",
  RowAmbiguous:
    "De cette ligne, plusieurs sortes de choses ont une ligne. Rien n’a été changé ; nommez celle qui est voulue par son numéro.",
  UnknownRow: "Cette exécution n’a pas cette ligne. Rien n’a été changé.",
  UnknownRun: "Cette exécution n’existe pas. Rien n’a été changé ; la liste les montre toutes.",
  UnknownSetting: "La migration n’a pas de réglage de ce nom. Rien n’a été écrit.",
  UnknownWave: "Cette exécution n’a pas cette vague. Rien n’a été changé.",
  UnreadableBody: "Ce qui a été envoyé ne peut pas être lu. Rien n’a été changé.",
  UnreadableFile: "Un fichier ne peut pas être lu. Rien n’a été vérifié.",
  VerdictStands:
    "Quelqu’un d’autre a jugé cette ligne fausse, et personne ne le retire à sa place. Aucun verdict n’a été gardé ; demandez-lui, refusez, ou faites lever l’arrêt avec une raison.",
  VerdictUnclear: "Un verdict dit juste ou faux, et ce qui est faux. Aucun verdict n’a été gardé.",
  VerificationOvertaken:
    "Quelque chose est arrivé à l’exécution pendant sa vérification. Rien n’a été enregistré ; reprenez-la.",
  WaveContended:
    "D’autres écrivent sur les mêmes tables. Rien n’a été écrit ni annulé cette fois ; recommencez quand la plateforme est plus calme.",
  WaveNotClean:
    "Une vague n’a pas passé sa vérification : aucune autre ne commence. Regardez ses contrôles avant de décider.",
  WaveNotVerified:
    "La vague précédente n’est pas encore vérifiée : aucune autre ne commence. Rien n’a été écrit.",
  WaveOutOfOrder: "Ce n’est pas le tour de cette vague. Rien n’a été écrit ; reprenez l’exécution.",
  WavePlanInvalid: "Ce plan de vagues est refusé. Rien n’a été écrit.",
  WaveRefused:
    "La plateforme a refusé des lignes de cette vague, et aucune n’a été écrite. Elles sont retenues ; regardez-en une pour savoir pourquoi, puis libérez-la une fois la cause corrigée.",
  WaveTakenBack:
    "La première vague a été annulée ou changée pendant l’exercice. Aucun certificat n’a été donné.",
  WaveTooLarge: "Cette vague serait plus grande que prévu. Rien n’a été écrit.",
  WaveUnbalanced:
    "La vague n’a pas marqué autant de lignes qu’elle en a prises. Elle a été annulée tout entière.",
  WhatIfNeedsImport:
    "L’exécution n’a rien lu de cette sorte de choses. Rien n’a été changé ; lisez-les d’abord.",
  WouldReplace:
    "Ce déploiement remplacerait par du vide ce qui contient des données. Rien n’a été remplacé.",
};

/** Of a refusal that has several cases, what is said of each, told apart by the engine's own sentence. */
export const casesInFrench: Readonly<
  Record<string, readonly { readonly of: RegExp; readonly says: string }[] | undefined>
> = {
  InputInvalid: [
    {
      of: /is what several .* are called/u,
      says: "Plusieurs choses de la plateforme portent ce nom. Rien n’a été décidé ; indiquez l’identifiant de celle dont il s’agit.",
    },
    {
      of: /is no id there/u,
      says: "Rien de tel n’existe sur la plateforme. Rien n’a été décidé ; indiquez un identifiant, ou le nom exact.",
    },
    {
      of: /^A feature is turned on/u,
      says: "Une fonction s’active pour un pourcentage entier de 0 à 100, et pour 20 segments au plus. Rien n’a été changé.",
    },
    {
      of: /Nothing was looked for\.$/u,
      says: "Une personne se cherche par un numéro de téléphone, une adresse ou un nom, chacun en entier. Rien n’a été cherché.",
    },
  ],
  InvalidSetting: [
    {
      of: /it is a whole number of rows/u,
      says: "C’est un nombre entier de lignes, comme 25000. Rien n’a été lancé.",
    },
    { of: /it is one of /u, says: "Ce n’est pas l’une des valeurs prévues. Rien n’a été lancé." },
  ],
  SourceRowUnreadable: [
    {
      of: /^(.+?), line (\d+): /u,
      says: "La ligne $2 de $1 ne peut pas être lue. Rien n’a été écrit sur la plateforme ; corrigez-la, ou refaites l’export.",
    },
    {
      of: /^(.+?): line (\d+) (?:has|is) /u,
      says: "Des lignes de $1 ne peuvent pas être lues, dont la ligne $2. Rien n’a été écrit sur la plateforme ; corrigez-les, ou refaites l’export.",
    },
    {
      of: /^(.+?): "([^"]+)" is no object, or has a name twice, on lines? (\d+(?:, \d+)*)/u,
      says: "Dans $1, « $2 » n’est pas un objet, ou contient deux fois le même nom, à ces lignes : $3. Rien n’a été écrit sur la plateforme ; corrigez-les, ou lisez « $2 » en entier et ouvrez-le dans la définition.",
    },
    {
      of: /^(.+?) is UTF-16 without/u,
      says: "$1 est en UTF-16 sans la marque qui dit l’ordre de ses octets. Rien n’a été lu ; exportez-le avec elle, ou en UTF-8.",
    },
  ],
  SourceSchemaMismatch: [
    {
      of: /^(.+?) is empty/u,
      says: "$1 est vide. Rien n’a été lu ; refaites l’export.",
    },
    {
      of: /^There are (.+?) and (.+?) in /u,
      says: "Il y a $1 et $2, et chaque table est un seul fichier. Rien n’a été lu ; déplacez l’un des deux.",
    },
  ],
};
