/** A person on the platform, as a user or as a lead. */
export interface PlatformPerson {
  readonly id: number;
  readonly name: string;
  readonly phone: string | null;
  readonly email: string | null;
  readonly birth: string | null;
}

const person = (
  id: number,
  name: string,
  phone: string | null,
  email: string | null,
  birth: string | null,
): PlatformPerson => ({ id, name, phone, email, birth });

/** Users that landmark rows meet. */
export const landmarkUsers = [
  person(1, "Sara Benhaddouche", "213550000101", "sara.benhaddouche@example.com", "1955-03-14"),
  person(2, "Karim Zoughlami", "213550000102", "karim.zoughlami@example.com", "1955-04-02"),
  person(3, "Lynda Ferroukhi", null, "lynda.ferroukhi@example.com", "1955-05-21"),
  person(4, "Yacine Tiboura", "213550000104", null, "1955-06-30"),
  person(5, "Houria Mekhoukhe", "213550000105", "houria.mekhoukhe@example.com", "1956-01-10"),
  person(6, "Nassim Guerrache", "213550000106", "nassim.guerrache@example.com", "1956-02-11"),
  person(7, "Wassila Djoudane", "213550000107", "wassila.djoudane@example.com", null),
  person(8, "Farouk Osmanbacha", "213550000108", null, "1956-03-12"),
  person(9, "Ilhem Kessaissia", "213550000109", "ilhem.kessaissia@example.com", "1956-04-13"),
  person(10, "Redouane Chellouf", "213550000110", null, "1956-05-14"),
  person(11, "Amel Bouzidate", "213550000111", "amel.bouzidate@example.com", "1956-06-15"),
  person(12, "سارة بن عودة", "213550000112", null, "1956-08-08"),
  // Traps: addresses that are placeholders in the legacy rows.
  person(13, "Ecoin Accueil", "213550000113", "ecoin.hank@gmail.com", null),
  person(14, "Standard Ecoin", "213550000114", "contact@partage.example", null),
  person(15, "Mounir Hadjersi", "213550000115", "mounir.hadjersi@example.com", "1956-09-09"),
] as const;

/** Leads that landmark rows meet. */
export const landmarkLeads = [
  person(1, "Samia Larbaoui", "213550000201", null, null),
  person(2, "Toufik Reghis", "213550000202", "toufik.reghis@example.com", "1956-11-02"),
  person(3, "Redouane Chellouf", "213550000110", null, null),
  person(4, "Nabila Ouchfoun", "213550000204", null, null),
  person(5, "N. Ouchfoun", "213550000204", null, null),
  person(6, "Hakim Sebbane", "05599", null, null),
  person(7, "Meriem Talantikite", null, null, "1956-10-10"),
] as const;
