import { landmark as row } from "./landmark.ts";

const informed = { status: "Informer", session: null };
const created = { status: "nouveau", session: null };

/** People the platform knows already, for sure, perhaps or several times; and leads that stand twice. */
export const duplicates = [
  row(98, "Benhaddouche", "Sara", { phone: "0550000101", birth: "1955-03-14" }),
  row(99, "Zoughlami", "Karim", {
    ...informed,
    phone: "+213 550 00 01 02",
    birth: "1955-04-02",
  }),
  row(100, "Ferroukhi", "Lynda", { email: "Lynda.FERROUKHI@example.com", birth: "1955-05-21" }),
  row(101, "Tiboura", "Yacine", { phone: "0550001101 / 0550000104", birth: "1955-06-30" }),
  row(102, "Mekhoukhe", "Houria", { birth: "1956-01-10" }),
  row(103, "Talantikite", "Meriem", { ...created, birth: "1956-10-10" }),
  row(104, "Guerach", "Nassim", { ...informed, birth: "1956-02-11" }),
  row(105, "Djoudene", "Wassila"),
  row(106, "Osmanbacha", "Farouk", {
    phone: "0550000108",
    email: "ilhem.kessaissia@example.com",
  }),
  row(107, "Bouzidate", "Amel", {
    status: "Confirmer",
    phone: "0550 00 01 11",
    birth: "1956-06-15",
  }),
  row(108, "Larbaoui", "Samia", { ...informed, phone: "0550000201" }),
  row(109, "Reghis", "Toufik", { email: "toufik.reghis@example.com", birth: "1956-11-02" }),
  row(110, "Chellouf", "Redouane", { ...informed, phone: "0550000110", birth: "1956-05-14" }),
  row(111, "Ouchfoun", "Nabila", { ...created, phone: "0550000204" }),
  row(112, "Sebbane", "Hakim", { ...informed, phone: "05599", email: "hakim.s@example.com" }),
  row(113, "بـــن عُودَة", "سَارَة", { birth: "1956-08-08" }),
  row(114, "Mekhoukhe", "Houria", { status: "Ne répond pas", session: null }),
  row(115, "Houria", "MEKHOUKHE", { birth: "1956-01-10" }),
  row(116, "Aitmehdi", "Sekoura", { ...informed }),
  row(117, "AITMEHDI", "Sekoura", { ...created, phone: "+213550001116", birth: null }),
  row(118, "Ait-Mehdi", "Sekoura", { phone: "0550 00 11 16", birth: null }),
  row(119, "Belkessam", "Fahem", { ...informed, email: "fahem.belkessam@example.com" }),
  row(120, "Belkessam", "F.", { ...created, email: "FAHEM.belkessam@example.com" }),
  row(121, "Cheradi", "Mohand", { ...informed, birth: "1958-12-24" }),
  row(122, "Cheradi", "Mohand", { ...created, birth: "1958-12-24" }),
];
