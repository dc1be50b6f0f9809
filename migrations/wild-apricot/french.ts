/** What is shown in French instead of the definition's sentences and names. */
export const french: Readonly<Record<string, string>> = {
  "Wild Apricot: members, events and registrations":
    "Wild Apricot : membres, événements et inscriptions",
  "That members come before the events and registrations that name them":
    "Que les membres passent avant les événements et les inscriptions qui les nomment",

  // Kinds of things, and what a row is.
  status: "statut",
  tier: "catégorie d’adhésion",
  member: "membre",
  event: "événement",
  registration: "inscription",
  contact: "simple contact",
  archived: "archivé",
  past: "passé",
  COMPLETED: "terminé",
  DRAFT: "brouillon",

  // What is written.
  "Status.": "Statut.",
  "Tier.": "Catégorie d’adhésion.",
  "Member.": "Membre.",
  "Event.": "Événement.",
  "Registration.": "Inscription.",
  "Confirmed.": "Confirmée.",

  // Why a row is not written.
  "Archived.": "Archivé.",
  "Contact.": "Simple contact.",
  "Name missing.": "Le nom manque.",
  "Name to check.": "Nom à vérifier.",
  "Email missing.": "L’e-mail manque.",
  "Same email twice.": "Deux fois le même e-mail.",
  "Bundle member without email.": "Membre d’un groupe, sans e-mail.",
  "Bundle member without level.": "Membre d’un groupe, sans niveau.",
  "Level missing.": "Le niveau manque.",
  "Level unknown.": "Niveau inconnu.",
  "Status missing.": "Le statut manque.",
  "Status unknown.": "Statut inconnu.",
  "Yes or no unknown.": "Oui ou non inconnu.",
  "Date unreadable.": "Date illisible.",
  "Joined in future.": "Adhésion dans l’avenir.",
  "Title missing.": "Le titre manque.",
  "Ends before start.": "La fin est avant le début.",
  "Capacity unreadable.": "Nombre de places illisible.",
  "Event twice.": "Deux fois le même événement.",
  "Guest without contact.": "Invité sans contact.",
  "Event unknown.": "Événement inconnu.",
  "Event held.": "L’événement est retenu.",
  "Member archived.": "Le membre est archivé.",
  "Member unknown.": "Membre inconnu.",
  "Member held.": "Le membre est retenu.",
  "Cancelled before registered.": "Annulée avant d’être faite.",
  "Registered twice.": "Inscription en double.",

  // What is noted of a row.
  "The phone is no number: the member goes without it.":
    "Le téléphone n’est pas un numéro : le membre est repris sans lui.",
  "What stands for the e-mail is none.": "Ce qui tient lieu d’e-mail n’en est pas un.",
  "What stands for the name is none.": "Ce qui tient lieu de nom n’en est pas un.",
  "The name holds what is none, or is damaged.":
    "Le nom contient ce qui n’en est pas un, ou est abîmé.",
  "The membership level is one that nobody listed.":
    "Le niveau d’adhésion n’est dans aucune liste.",
  "The membership status is one that nobody listed.":
    "Le statut d’adhésion n’est dans aucune liste.",
  "The status of the registration is one that nobody listed.":
    "Le statut de l’inscription n’est dans aucune liste.",
  "The word for yes or no under “Archived” is one that nobody listed.":
    "Le mot pour oui ou non sous « Archived » n’est dans aucune liste.",
  "The word for yes or no under “Membership enabled” is one that nobody listed.":
    "Le mot pour oui ou non sous « Membership enabled » n’est dans aucune liste.",
  "The word for yes or no under “Registration enabled” is one that nobody listed.":
    "Le mot pour oui ou non sous « Registration enabled » n’est dans aucune liste.",
  "A date is not written as the account writes dates, or cannot be one.":
    "Une date n’est pas écrite comme le compte écrit les dates, ou ne peut pas en être une.",
  "The clocks were changed at this time: the moment is the nearest that there was.":
    "On changeait l’heure à ce moment : le plus proche qui ait existé est retenu.",
  "The event is without a limit: its capacity is left open.":
    "L’événement n’a pas de limite : son nombre de places reste ouvert.",
  "The limit is no number of seats.": "La limite n’est pas un nombre de places.",
  "A text holds markup or what a program left of it: it is kept as it is.":
    "Un texte contient du balisage, ou ce qu’un programme en a laissé : il est gardé tel quel.",

  // What is counted and sampled.
  Members: "Membres",
  members: "membres",
  "People who are no members": "Personnes qui ne sont pas membres",
  "people who are no members": "personnes qui ne sont pas membres",
  Archived: "Archivés",
  "Members of a level that nobody listed": "Membres d’un niveau qui n’est dans aucune liste",
  "Members of a status that nobody listed": "Membres d’un statut qui n’est dans aucune liste",
  "Members without an e-mail": "Membres sans e-mail",
  Tiers: "Catégories d’adhésion",
  Events: "Événements",
  events: "événements",
  "Events that are over": "Événements passés",
  "Events whose dates cannot be read": "Événements dont les dates sont illisibles",
  Registrations: "Inscriptions",
  registrations: "inscriptions",
  "Registrations of nobody who is known": "Inscriptions de personne de connu",
  "Registrations for no event that is known": "Inscriptions à aucun événement connu",
  "Too many members are of a level that nobody listed.":
    "Trop de membres sont d’un niveau qui n’est dans aucune liste.",
  "Too many members are of a status that nobody listed.":
    "Trop de membres sont d’un statut qui n’est dans aucune liste.",
  "Too many registrations are of a status that nobody listed.":
    "Trop d’inscriptions sont d’un statut qui n’est dans aucune liste.",

  // Fields.
  label: "libellé",
  place: "rang",
  active: "actif",
  name: "nom",
  first_name: "prénom",
  last_name: "nom de famille",
  mail: "e-mail",
  mobile: "mobile",
  enabled: "adhésion activée",
  no_member: "n’est pas membre",
  level: "niveau",
  member_status: "statut du membre",
  joined: "adhésion",
  made: "création",
  bundle: "groupe",
  event_status: "statut de l’événement",
  title: "titre",
  body: "texte",
  starts: "début",
  ends: "fin",
  seats: "places",
  limit: "limite",
  category: "catégorie",
  takes_registrations: "prend des inscriptions",
  member_no: "numéro du membre",
  event_no: "numéro de l’événement",
  registration_status: "statut de l’inscription",
  registered: "inscription faite",
  cancelled: "annulée",
  waiting_at: "en liste d’attente",
};
