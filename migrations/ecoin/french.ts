/** What the schools see instead of the definition's sentences and names: they work in French. */
export const french: Readonly<Record<string, string>> = {
  "ECOIN: students, archives and their trainings":
    "ECOIN : stagiaires, archives et leurs formations",
  "That historical completed training comes first":
    "Que l’historique des formations terminées passe d’abord",

  // What a row is.
  completed: "formation terminée",
  archived_training: "formation archivée",
  registered: "inscrit",
  lead_only: "prospect",
  historical_completed: "historique des formations",
  registered_pending: "inscriptions en attente",
  real_session: "session réelle",
  placeholder_session: "liste d’attente",
  unknown_session: "session inconnue",
  session_type: "type de session",
  legacy_formation_id: "formation d’origine",
  legacy_session_id: "session d’origine",
  legacy_created_at: "créée le",
  course: "formation",
  session: "session",
  create_course_interest: "un prospect dans le CRM",
  create_legacy_enrollment: "une inscription importée",
  create_legacy_completed_training: "une formation terminée de l’ancien système",
  users: "utilisateurs",
  crm_leads: "prospects du CRM",

  // The plan.
  "No usable name.": "Aucun nom utilisable.",
  "An earlier run moved this legacy row already.":
    "Une exécution précédente a déjà migré cette ligne.",
  "Status, course or session leave open what this row is.":
    "L’état, la formation ou la session ne disent pas ce qu’est cette ligne.",
  "Several people on the platform carry this phone or e-mail.":
    "Plusieurs personnes de la plateforme ont ce téléphone ou cet e-mail.",
  "A rule asks a person to look at this row.":
    "Une règle demande qu’une personne regarde cette ligne.",
  "An earlier row of the same person is the one that commits.":
    "C’est une ligne antérieure de la même personne qui est écrite.",
  "Whoever has this phone or e-mail on the platform has another name or birth date.":
    "Sur la plateforme, ce téléphone ou cet e-mail appartient à un autre nom ou une autre date de naissance.",
  "The platform knows this person: the row is linked, nothing is created.":
    "La plateforme connaît cette personne : la ligne est reliée, rien n’est créé.",
  "The platform may know this person: a lead with any such hint waits.":
    "La plateforme connaît peut-être cette personne : un prospect avec un tel indice attend.",
  "A lead.": "Un prospect.",
  "A registration in a confirmed real session.":
    "Une inscription dans une session réelle confirmée.",
  "The session is real, but nobody confirmed which one it is on the platform.":
    "La session est réelle, mais personne n’a confirmé laquelle c’est sur la plateforme.",
  "A completed training, with the user it belongs to where there is exactly one.":
    "Une formation terminée, avec l’utilisateur auquel elle appartient s’il y en a exactement un.",
  "No line of the plan fits this row.": "Aucune ligne du plan ne convient à cette ligne.",

  // What is wrong with a row, or noted of it.
  "There is no usable name.": "Il n’y a pas de nom utilisable.",
  "Letters of the name are damaged: the row's proposals say what it may have been.":
    "Des lettres du nom sont abîmées : les propositions de la ligne disent ce qu’il a pu être.",
  "In the name stands what is none: a number, an address, somebody else, that somebody died, what a program left.":
    "Le nom contient ce qui n’en est pas un : un numéro, une adresse, quelqu’un d’autre, un décès, ce qu’un programme y a laissé.",
  "The name consists of what people enter for want of one.":
    "Le nom est ce que l’on saisit faute d’en avoir un.",
  "The name is longer than any person's.": "Le nom est plus long que celui de quiconque.",
  "A part of the name holds something that is no name; the other part is the name (D9).":
    "Une partie du nom contient ce qui n’en est pas un ; l’autre partie est le nom (D9).",
  "The course or session of the row, or what its session belongs to, cannot be read.":
    "La formation ou la session de la ligne, ou ce à quoi sa session appartient, est illisible.",
  "There is neither a valid phone nor a valid e-mail.":
    "Il n’y a ni téléphone valable, ni e-mail valable.",
  "The birth date cannot be one.": "La date de naissance ne peut pas en être une.",
  "The birth date is one that is entered for want of one, or a child's: nobody is found by it.":
    "La date de naissance est saisie faute de mieux, ou celle d’un enfant : elle ne sert à trouver personne.",
  "The birth date is the legacy system's zero date: there is none.":
    "La date de naissance est la date zéro de l’ancien système : il n’y en a pas.",
  "The birth date field holds what is entered for want of one: there is none.":
    "Le champ de la date de naissance contient ce que l’on saisit faute d’en avoir : il n’y en a pas.",
  "When the row was made cannot be read; it comes last among the rows of its person.":
    "La date de création de la ligne est illisible ; elle vient en dernier parmi celles de sa personne.",
  "The phone field holds something, but no valid number.":
    "Le champ du téléphone contient quelque chose, mais pas de numéro valable.",
  "The phone field holds a number, and beside it something that is none.":
    "Le champ du téléphone contient un numéro, et à côté ce qui n’en est pas un.",
  "So many rows of several names carry this phone that it is nobody's: nobody is found by it.":
    "Tant de lignes de noms différents ont ce téléphone qu’il n’est à personne : il ne sert à trouver personne.",
  "The e-mail field holds something, but no valid address.":
    "Le champ de l’e-mail contient quelque chose, mais pas d’adresse valable.",
  "The e-mail is a known placeholder.": "L’e-mail est une adresse de remplissage connue.",
  "More than five rows share this e-mail, so it says nothing about a person.":
    "Plus de cinq lignes ont cet e-mail : il ne dit rien d’une personne.",
  "Characters that no database keeps were removed from the text.":
    "Des caractères qu’aucune base de données ne garde ont été retirés du texte.",
  "A text holds what is no letter, as of a wrong character set; it is kept as it came, with what it decodes to.":
    "Un texte contient ce qui n’est pas une lettre, comme d’un mauvais jeu de caractères ; il est gardé tel quel, avec ce qu’il donne une fois décodé.",
  "Characters that cannot be seen were left out of a name, a contact or a reference.":
    "Des caractères invisibles ont été retirés d’un nom, d’un contact ou d’une référence.",
  "A text is too long to be kept whole: what is staged of it is its beginning.":
    "Un texte est trop long pour être gardé en entier : il n’en reste que le début.",

  // What the dry run counts.
  "Completed history": "Historique terminé",
  "Archived training": "Formations archivées",
  "Registered pending": "Inscriptions en attente",
  "Lead only": "Prospects seulement",
  Duplicates: "Doublons",
  "Placeholder sessions": "Listes d’attente",
  "Unmapped courses": "Formations sans correspondance",
  "Unknown or needs review": "Inconnues ou à revoir",
  "Source table": "Table d’origine",
  Classification: "Classement",
  Validation: "Contrôle",
  "Hints against the platform": "Indices sur la plateforme",
  "Hints inside the source": "Indices dans la source",
  "Import action": "Action",
  "Session type": "Type de session",
  history: "historique",

  // Stops, samples, checks and the list before scaling up.
  "Too many rows that are not leads have an unmapped course.":
    "Trop de lignes qui ne sont pas des prospects ont une formation sans correspondance.",
  "Too many rows have a status that nobody listed.":
    "Trop de lignes ont un état que personne n’a listé.",
  "Suspiciously many rows are people whom the platform knows already.":
    "Un nombre suspect de lignes sont des personnes que la plateforme connaît déjà.",
  "A waiting list was taken for a real session.":
    "Une liste d’attente a été prise pour une session réelle.",
  "completed trainings": "formations terminées",
  "archived trainings": "formations archivées",
  "rows with duplicate hints": "lignes avec des indices de doublon",
  "rows with a missing or unusual course or session":
    "lignes dont la formation ou la session manque ou est inhabituelle",
  "The sample of completed history is approved.":
    "L’échantillon de l’historique terminé est approuvé.",
  "The sample of completed history is empty, as the source has none; the other samples are approved.":
    "L’échantillon de l’historique terminé est vide, la source n’en ayant pas ; les autres sont approuvés.",
  "No unexpected change of users, enrolments, payments or attendances.":
    "Aucun changement inattendu d’utilisateurs, d’inscriptions, de paiements ou de présences.",
};
