import { ecoin } from "../../migrations/ecoin/definition.ts";
import { type LegacyFields, legacyFolder } from "./legacy-folder.ts";
import type { TestServices } from "./services.ts";

const person = (name: string, fields: LegacyFields): LegacyFields => {
  const [prenom = null, nom = null] = name.split(" ");
  return { nom, prenom, ...fields };
};

/** People of whom each ends in another way, numbered from 1; few enough for one wave. */
const stagiaires: readonly LegacyFields[] = [
  // Trained, and known to the platform: by phone, by e-mail, as a lead only, only by name and birth date.
  person("Sara Benhaddouche", { date_naissance: "1955-03-14", telephone: "0550000101" }),
  person("Lynda Ferroukhi", {
    date_naissance: "1955-05-21",
    email: "Lynda.FERROUKHI@example.com",
    formation_id: "2",
    session_ecoin_id: "4",
  }),
  person("Toufik Reghis", {
    date_naissance: "1956-11-02",
    email: "toufik.reghis@example.com",
    formation_id: "4",
  }),
  person("Houria Mekhoukhe", { date_naissance: "1956-01-10" }),
  // Trained: without a session, without a birth date; archived; on a waiting list.
  person("Walid Quppari", {
    date_naissance: null,
    telephone: "0550001012 / 0770001012",
    session_ecoin_id: null,
  }),
  person("Nadia Quvvelo", { statut: "Archivé", formation_id: "3" }),
  person("Rachid Quttomi", { formation_id: "2", session_ecoin_id: "2" }),
  // A seat, of one who postponed and of one who confirmed; one whom the platform knows.
  person("Bilal Quccano", { statut: "Reporter" }),
  person("Hayet Quddiri", { statut: "Confirmer", formation_id: "4", session_ecoin_id: "12" }),
  person("Amel Bouzidate", {
    statut: "Confirmer",
    date_naissance: "1956-06-15",
    telephone: "0550000111",
  }),
  // Leads: a user, a lead, and new ones of a mapped, an unmapped, a merely suggested and no course.
  person("Karim Zoughlami", {
    statut: "Informer",
    date_naissance: "1955-04-02",
    telephone: "+213 550 00 01 02",
  }),
  person("Samia Larbaoui", {
    statut: "Informer",
    date_naissance: "1957-04-18",
    telephone: "0550000201",
  }),
  person("Djamel Quffero", { statut: "Informer" }),
  person("Yasmine Quggalu", { statut: "nouveau", formation_id: "21" }),
  person("Tarek Quhhimo", { statut: "informer", formation_id: "19" }),
  person("Meryem Qujjore", {
    statut: "Informer",
    telephone: null,
    email: "meryem.qujjore@example.com",
    formation_id: null,
    session_ecoin_id: null,
  }),
  // Held: a course that nobody confirmed, and no session.
  person("Sofia Qukkati", { formation_id: "19" }),
  person("Anis Qullobe", { statut: "Confirmer", session_ecoin_id: null }),
  person("Ines Qummuda", { statut: "Reporter", session_ecoin_id: null, formation_id: null }),
];

const archives = `id,nom,prenom,date_naissance,telephone,email,adresse,niveau,statut,formation_id,session_ecoin_id,remarque,created_at,updated_at,archived_at
1,Qunnasi,Omar,1951-01-01,0551000901,,,,Archivé,1,3,,2020-01-01 08:00:00,,2023-03-01 08:00:00
`;

/** Points the connection at them, and lets the sample's migration write all that there are as its first wave; so few rows would stop it. */
export async function everyKind(test: TestServices): Promise<{ remove(): Promise<void> }> {
  const waves = { ...ecoin.waves, first: ecoin.waves.order };
  Object.assign(test.services, {
    migrations: { ecoin: { ...ecoin, waves, stops: [] } },
  });
  return legacyFolder(test, stagiaires, { archives });
}
