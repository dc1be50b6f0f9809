const places = "de même place";
const withoutRow = (table: string, of: string): Readonly<Record<string, string>> => ({
  [`rows of ${table} without their row of ${of}`]: `lignes de ${table} sans leur ligne de ${of}`,
});
const twice = (table: string, ...columns: string[]): Readonly<Record<string, string>> => ({
  [`rows of ${table} that are another one by ${columns.join(", ")}`]: `lignes de ${table} ${places} (${columns.join(", ")})`,
});

/** What is shown in French instead of the sentences and names that both ways into the platform have. */
export const french: Readonly<Record<string, string>> = {
  "The folder or bucket of the files that rows name.":
    "Le dossier ou le bucket des fichiers que des lignes nomment.",
  ...withoutRow("course_memberships", "courses"),
  ...withoutRow("unit_sections", "units"),
  ...withoutRow("unit_tasks", "unit_sections"),
  ...withoutRow("module_section_releases", "course_modules"),
  ...twice("unit_sections", "unit_id", "position"),
  ...twice("unit_materials", "section_id", "position"),
  ...twice("unit_tasks", "section_id", "position"),
  ...twice("course_modules", "course_id", "position"),
  ...twice("course_modules", "course_id", "unit_id"),
  ...twice("learning_submissions", "course_id", "task_id", "student_sub", "attempt_nr"),
  "It notes when a row is changed, and nothing that is there is changed.":
    "Il note quand une ligne change, et rien de ce qui existe n’est changé.",
  "It refuses a section of another unit, and does nothing.":
    "Il refuse une section d’une autre unité, et ne fait rien.",
  "What is written was judged by the old platform: nobody waits for its analysis.":
    "Ce qui est écrit a été évalué par l’ancienne plateforme : personne n’attend son analyse.",
  "Workers of the analysis are stopped while a run lasts.":
    "Les programmes d’analyse sont arrêtés tant que dure une exécution.",

  // Kinds of things, and what a row is.
  part: "partie",
  user: "utilisateur",
  map: "correspondance d’identité",
  course: "cours",
  membership: "participation",
  unit: "unité",
  section: "section",
  module: "module",
  release: "ouverture",
  shown: "visible",
  shown_undated: "visible, sans date",
  hidden: "masqué",
  material: "support",
  text: "texte",
  link: "lien",
  file: "fichier",
  gone: "disparu",
  task: "exercice",
  submission: "rendu",
  image: "image",
  unsupported: "non pris en charge",

  // What is written.
  "Map.": "Correspondance d’identité.",
  "Course.": "Cours.",
  "Membership.": "Participation.",
  "Unit.": "Unité.",
  "Section.": "Section.",
  "Module.": "Module.",
  "Shown.": "Visible.",
  "Shown undated.": "Visible, sans date.",
  "Hidden.": "Masqué.",
  "Text.": "Texte.",
  "Link.": "Lien.",
  "File.": "Fichier.",
  "Task.": "Exercice.",

  // Why a row is not written.
  "Part of another row.": "Partie d’une autre ligne.",
  "Duplicate sub.": "Le même compte pour deux utilisateurs.",
  "Missing teacher identity.": "L’identité de l’enseignant manque.",
  "Missing student identity.": "L’identité de l’élève manque.",
  "Missing author identity.": "L’identité de l’auteur manque.",
  "Title missing.": "Le titre manque.",
  "Course not imported.": "Le cours n’est pas repris.",
  "Unit not imported.": "L’unité n’est pas reprise.",
  "Missing target.": "Ce à quoi la ligne se rapporte manque.",
  "Section missing.": "La section manque.",
  "Course module missing.": "Le module du cours manque.",
  "Visibility unknown.": "Visibilité inconnue.",
  "Applet.": "Mini-application.",
  "Material type.": "Genre de support.",
  "Content missing.": "Le contenu manque.",
  "Link missing.": "Le lien manque.",
  "Blob mismatch.": "Le fichier n’est pas celui qui est annoncé.",
  "Blob unsafe.": "Le nom du fichier n’est pas sûr.",
  "Blob unreadable.": "Le fichier ne peut pas être lu.",
  "File used twice.": "Le fichier sert deux fois.",
  "Gone.": "Disparu.",
  "File unknown.": "Fichier inconnu.",
  "Instruction missing.": "La consigne manque.",
  "Missing course.": "Le cours manque.",
  "Invalid payload.": "Contenu invalide.",
  "Unsupported kind.": "Genre non pris en charge.",
  "Not an answer.": "Ce n’est pas une réponse.",
  "Ambiguous course.": "Plusieurs cours possibles.",
  "Course held.": "Le cours est retenu.",

  // What is noted of a row.
  "The material has no id that can be kept: it gets one of its own.":
    "Le support n’a pas d’identifiant qui puisse être gardé : il en reçoit un.",
  "There are more than ten criteria: the first ten are taken.":
    "Il y a plus de dix critères : les dix premiers sont repris.",

  // What is counted.
  "Users who keep the name of the old platform":
    "Utilisateurs qui gardent leur nom de l’ancienne plateforme",
  "Materials that come as a link or a note": "Supports repris comme lien ou comme note",
  "Submissions that do not come": "Rendus qui ne sont pas repris",
  "Submissions that several courses may be meant by": "Rendus à plusieurs cours possibles",

  // Fields.
  sub: "compte",
  title: "titre",
  owner_no: "numéro du propriétaire",
  changed: "modification",
  course_no: "numéro du cours",
  student_no: "numéro de l’élève",
  since: "depuis",
  author_no: "numéro de l’auteur",
  section_no: "numéro de la section",
  unit_no: "numéro de l’unité",
  place: "rang",
  visible: "visibilité",
  told: "annonce",
  own_no: "propre numéro",
  type: "genre",
  file_name: "nom du fichier",
  blob: "contenu du fichier",
  words: "consigne",
  criteria: "critères",
  hints: "indications",
  tries: "essais",
  answer_kind: "genre de réponse",
  task_no: "numéro de l’exercice",
  attempt: "essai",
  at: "remis",
  body: "corps",
  path: "chemin",
  key: "clé",
  made: "création",
};

/** What only the platform itself has, without the tables of the cookbook. */
export const frenchOfPlatform: Readonly<Record<string, string>> = {
  "Alpha2: courses, materials and submissions": "Alpha2 : cours, supports et rendus",
  new_name: "nouveau nom",
  content: "contenu",
  completed: "terminé",
  analysis: "analyse",
  state: "état",
  insights: "observations",
  feedback: "retour",
  judged: "évaluation",
};

/** What only the tables of the cookbook have. */
export const frenchOfCookbook: Readonly<Record<string, string>> = {
  "Alpha2, from the tables of the cookbook": "Alpha2, à partir des tables du cookbook",
  named: "désigné",
  student_name: "nom de l’élève",
  about: "à propos",
  url: "adresse",
  content: "contenu",
  kind: "genre de rendu",
  "Time missing.": "La date et l’heure manquent.",
};
