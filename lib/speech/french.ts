/**
 * What the engine says and names by itself, in French, by what is stored: statuses, levels, and the sentences that it
 * gives to a definition which has none of its own. Those of a definition stand in its `translations`.
 */
export const engineFrench: Readonly<Record<string, string>> = {
  // What a row is found to be.
  valid: "valide",
  duplicate: "doublon",
  needs_review: "à revoir",
  failed: "en échec",
  pending: "en attente",
  none: "aucun",
  low: "faible",
  medium: "moyen",
  high: "fort",
  several: "plusieurs",
  one: "un",
  yes: "oui",
  no: "non",
  row: "ligne",
  unknown: "inconnu",
  // What a plan does.
  commit: "écrire",
  update: "mettre à jour",
  link: "relier",
  hold: "retenir",
  conflict: "conflit",
  skip: "ignorer",
  fail: "échouer",
  // What mappings are.
  mapped: "correspond",
  confirmed: "confirmée",
  suggested: "suggérée",
  unmapped: "sans correspondance",
  rejected: "rejetée",
  // What waves and runs are.
  committed: "écrite",
  verified: "vérifiée",
  rolled_back: "annulée",
  linked: "reliée",
  first_wave: "première vague",
  scale_up: "passage à l’échelle",
  everything: "tout",
  // Names of columns that every migration has.
  classification: "classement",
  full_name: "nom complet",
  birth_date: "date de naissance",
  phone: "téléphone",
  email: "e-mail",
  raw_status: "état d’origine",
  source_table: "table d’origine",
  import_action: "action",
  validation_status: "contrôle",
  duplicate_confidence: "indices sur la plateforme",
  planned: "prévu",
  // Reasons and rules of the engine's own.
  held_by_person: "retenue par une personne",
  refused_by_platform: "refusée par la plateforme",
  there: "déjà là",
  same: "identique",
  differs: "différent",
  perhaps: "peut-être",
  shared: "partagé",
  several_there: "plusieurs sont là",
  shared_there: "partagée avec une autre",
  perhaps_there: "peut-être déjà là",
  moved_before: "déjà reprise",
  key_of_another: "clé d’une autre personne",
  key_given_twice: "même clé pour plusieurs",
  not_valid: "en échec",
  comes_back_to_itself: "revient à elle-même",
  date_unknown: "date inconnue",
  nothing_applies: "aucune ligne du plan",
  noted_without_rule: "relevé sans règle",
  validation_needs_review: "à revoir",
  possible_duplicate: "doublon possible",
  contact_of_another_person: "coordonnée d’une autre personne",
  later_of_one_person: "autre ligne de la même personne",
  key_repeated: "clé en double",
  key_absent: "sans clé",
  key_unfit: "clé inutilisable",
  platform_changed_since_review: "la plateforme a changé depuis la relecture",
  changed_since_review: "modifiée depuis la relecture",
  "A person holds it.": "Une personne la retient.",
  "The platform refuses what would be written of it.":
    "La plateforme refuse ce qui en serait écrit.",
  "What it rests on has changed on the platform since it was reviewed.":
    "Ce sur quoi elle repose a changé sur la plateforme depuis la relecture.",
  "Its file has changed since it was reviewed.": "Son fichier a changé depuis la relecture.",
  "Where its file would go, another one lies.": "Là où irait son fichier, il y en a un autre.",
  "The rows of its own kind that it names come back to itself.":
    "Les lignes de son genre qu’elle désigne ramènent à elle.",
  "A date by which it is decided is unknown.":
    "Une date qui décide de cette ligne n’est pas connue.",
  "No line of the plan fits this row.": "Aucune ligne du plan ne convient à cette ligne.",
  "A rule fails this row.": "Une règle met cette ligne en échec.",
  "Under its key in the source an earlier run moved somebody else.":
    "Sous sa clé d’origine, une exécution précédente a repris quelqu’un d’autre.",
  "Several legacy rows would have one key on the platform.":
    "Plusieurs lignes d’origine auraient la même clé sur la plateforme.",
  "An earlier run moved this legacy row already.":
    "Une exécution précédente a déjà repris cette ligne.",
  "Something was noted about this row for which the definition has no rule.":
    "Quelque chose a été relevé sur cette ligne, pour lequel la définition n’a pas de règle.",
  "A rule asks a person to look at this row.":
    "Une règle demande qu’une personne regarde cette ligne.",
  "The platform may know this person.": "La plateforme connaît peut-être cette personne.",
  "The platform knows this one already: linked, nothing is created.":
    "La plateforme la connaît déjà : elle est reliée, rien n’est créé.",
  "Whoever has this phone or e-mail on the platform has another name or birth date.":
    "Sur la plateforme, ce téléphone ou cet e-mail appartient à un autre nom ou une autre date de naissance.",
  "An earlier row of the same person is the one that commits.":
    "C’est une ligne antérieure de la même personne qui est écrite.",
  "The platform has several rows that may be this one.":
    "La plateforme a plusieurs lignes qui peuvent être celle-ci.",
  "The platform may have this row under something else that names it.":
    "La plateforme a peut-être déjà cette ligne, sous autre chose qui la désigne.",
  "Another legacy row is the same row of the platform.":
    "Une autre ligne d’origine correspond à la même ligne de la plateforme.",
  "It is on the platform already.": "Elle est déjà sur la plateforme.",
  "It is on the platform already, and is left as it is.":
    "Elle est déjà sur la plateforme, et y reste telle quelle.",
  "It is on the platform already, and holds what would be written.":
    "Elle est déjà sur la plateforme, et contient ce qui serait écrit.",
  // Stops and the list before scaling up.
  "A sampled row was judged wrong.": "Une ligne de l’échantillon a été jugée fausse.",
  "The legacy connection is verified.": "La connexion à l’ancien système est vérifiée.",
  "A person reviewed the dry run.": "Une personne a relu la simulation.",
  "The samples are approved.": "Les échantillons sont approuvés.",
  "The first sample is empty, as the source has no such row; the other samples are approved.":
    "Le premier échantillon est vide, la source n’ayant aucune ligne de ce genre ; les autres sont approuvés.",
  "The mappings are the ones that were reviewed.":
    "Les correspondances sont celles qui ont été relues.",
  "The first safe batch passed its verification.":
    "Le premier lot de sécurité a passé ses contrôles.",
  "The rollback drill passed.": "L’exercice d’annulation a réussi.",
  "The commit logs agree with the platform.":
    "Les journaux d’écriture concordent avec la plateforme.",
  "No unexpected change of guarded tables.": "Aucun changement inattendu des tables protégées.",
  "No guarded table was written.": "Aucune table protégée n’a été écrite.",
  validation: "contrôle",
  plan: "plan",
  // What changed since something was signed, and why a question was withdrawn.
  "a newer one replaced it": "une demande plus récente la remplace",
  "this very state was approved already": "cet état même a déjà reçu un accord",
  "the run was rolled back": "l’exécution a été annulée",
  "nobody answered in time": "personne n’a répondu à temps",
  "the run was stopped": "l’exécution a été arrêtée",
  "its rows are judged anew since it was asked":
    "ses lignes sont jugées à nouveau depuis la demande",
  // What the audit log tells of.
  "sign-off-approved": "accord donné",
  "sign-off-rejected": "accord refusé",
  changes_asked_for: "changements demandés",
  "sign-off-asked": "accord demandé",
  "sign-off-voided": "accord retiré",
  "sign-offs-voided": "accords retirés",
  "stops-overridden": "conditions d’arrêt levées",
  "samples-judged": "échantillons jugés",
  "verdicts-carried": "verdicts repris",
  "verdict-undone": "verdict annulé",
  "mappings-decided": "correspondances décidées",
  "mappings-carried": "correspondances reprises",
  "row-held": "ligne retenue",
  "row-released": "ligne libérée",
  "rows-searched": "recherche de lignes",
  "rows-refused": "lignes refusées",
  "question-asked": "question posée",
  "question-closed": "question close",
  "execution-started": "démarrage",
  "export-review": "export pour relecture",
  "export-audit": "export d’audit",
  "export-downloaded": "export téléchargé",
  "dry-run": "simulation",
  preflight: "contrôles préalables",
  import: "lecture",
  validate: "validation",
  classify: "classement des lignes",
  match: "recherche de doublons",
  drill: "exercice d’annulation",
  verify: "vérification",
  "final-verify": "vérification finale",
  rollback: "annulation",
  "rolled-back": "annulée",
  feature: "fonctionnalité",
  pause: "pause",
  resume: "reprise",
  stop: "arrêt",
};
