/** Courses of the new platform, by id. 18 and 19 are one name in two spellings. */
export const COURSES = [
  "Secrétariat Bureautique",
  "Infographie PAO",
  "Marketing Digital",
  "Gestion des Stocks",
  "Comptabilité Générale",
  "Développement Web",
  "Réseaux Informatiques",
  "Maintenance Informatique",
  "Commerce International",
  "Ressources Humaines",
  "Hygiène et Sécurité (HSE)",
  "Décoration d'Intérieur",
  "Pâtisserie Moderne",
  "Coiffure et Esthétique",
  "Électricité Bâtiment",
  "Photographie Numérique",
  "Topographie",
  "Anglais Niveau 1",
  "ANGLAIS - NIVEAU 1",
  "Français Professionnel",
] as const;

/** A legacy training; `course` is the platform's where the names are equal after folding (D25). */
export interface Formation {
  readonly name: string;
  readonly code: string;
  readonly course: number | null;
}

const mapped = (name: string, code: string, course: number): Formation => ({ name, code, course });
const open = (name: string, code: string): Formation => ({ name, code, course: null });

/** The legacy trainings, by id: 1–18 are mapped, 19–25 are not. */
export const FORMATIONS: readonly Formation[] = [
  mapped("Secrétariat Bureautique", "SB", 1),
  mapped("INFOGRAPHIE / PAO", "INF", 2),
  mapped("Comptabilite  générale", "CG", 5),
  mapped("Gestion des stocks", "GS", 4),
  mapped("De\u0301veloppement Web", "WEB", 6),
  mapped("Réseaux informatiques ", "RI", 7),
  mapped("maintenance informatique", "MI", 8),
  mapped("Commerce international", "CI", 9),
  mapped("Ressources-humaines", "RH", 10),
  mapped("Hygiène et sécurité HSE", "HSE", 11),
  mapped("Décoration d’intérieur", "DI", 12),
  mapped("Pâtisserie moderne", "PM", 13),
  mapped("Coiffure et esthétique", "CE", 14),
  mapped("Electricité bâtiment", "EB", 15),
  mapped("Photographie numérique", "PN", 16),
  mapped("TOPOGRAPHIE", "TOP", 17),
  mapped("Français professionnel", "FP", 20),
  mapped("Français, professionnel.", "FPB", 20),
  open("Marketing Digitale", "MD"),
  open("Anglais niveau 1", "ANG"),
  open("Coupe et couture", "CC"),
  open("Soudure", "SOU"),
  open("<b>Photoshop</b>", "PS"),
  open("إعلام آلي", "IA"),
  open("Infographie 3D", "I3D"),
];

/** How many of FORMATIONS, from the first, have a course. */
export const MAPPED = 18;
/** An id that no formation and no session has, in a sample of any size. */
export const NOWHERE = 999_999;

export interface LegacySession {
  readonly id: number;
  readonly code: string | null;
  readonly formation: number | null;
}

const session = (id: number, code: string | null, formation: number | null): LegacySession => ({
  id,
  code,
  formation,
});

/** Sessions at fixed ids, of every kind. */
export const LANDMARK_SESSIONS: readonly LegacySession[] = [
  session(1, "Session-Attente", null),
  session(2, "ATTENTE-2", 2),
  session(3, "SB-2023-01", 1),
  session(4, "INF-2022-04", 2),
  session(5, "INF-2022-09", 2),
  session(6, "Session-Attente-INFO", 2),
  session(7, "OLD-2015-01", null),
  session(8, "GHOST-2016-01", NOWHERE),
  session(9, "ANG-2023-01", 20),
  session(10, "MIX-2021-01", 4),
  session(11, null, 4),
  session(12, "GS-2023-02", 4),
  session(13, "MD-2023-01", 19),
  session(14, "CC-2019-01", 21),
  session(15, "2022 Session-Attente Mai", 5),
  session(16, "WEB-2023-01", 5),
  session(17, "SB-2022-01", 1),
  session(18, "", 3),
  session(235, "GEST-2021-03", 4),
];

/** Platform sessions that landmark rows meet: some have a legacy session's code and another course. */
export const LANDMARK_COURSE_SESSIONS: readonly { code: string; course: number }[] = [
  { code: "SB-2023-01", course: 1 },
  { code: "INF-2022-04", course: 2 },
  { code: "ANG-2023-01", course: 18 },
  { code: "MIX-2021-01", course: 9 },
  { code: "GS-2023-02", course: 4 },
  { code: "SB-2024-01", course: 1 },
  { code: "MD-2023-01", course: 3 },
  { code: "WEB-2023-01", course: 6 },
  { code: "GEST-2021-03", course: 4 },
  { code: "Session-Attente-INFO", course: 2 },
];
