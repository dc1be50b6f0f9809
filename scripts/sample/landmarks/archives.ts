import { type Landmark, landmark } from "./landmark.ts";

/** Archive rows have phones of their own: 0550 002 xxx. */
function row(id: number, nom: string, prenom: string, different: Partial<Landmark> = {}): Landmark {
  const phone = `0550002${String(id).padStart(3, "0")}`;
  const birth = `1959-06-${String(id).padStart(2, "0")}`;
  return landmark(id, nom, prenom, { status: "Archivé", phone, birth, ...different });
}

/** The table a row lies in says nothing about what happened (D29). */
export const archives = [
  row(1, "Ouazzani", "Fadila"),
  row(2, "Poyraz", "Rabah", { status: null }),
  row(3, "Qebbache", "Melissa", { status: "" }),
  row(4, "Redjouani", "Slimane", { status: "Formée" }),
  row(5, "Sahouane", "Ghiles", { status: "Archivè", formation: 21, session: 14 }),
  row(6, "Hadjersi", "Mounir", {
    status: "archivé",
    email: "mounir.hadjersi@example.com",
    birth: "1956-09-09",
  }),
  row(7, "Tergou", "Zakia", { phone: null, email: "/" }),
  row(8, "-", ".", {}),
  row(9, "Uzzani", "Kahina", { status: "Informer", session: null }),
  row(10, "Vettori", "Amina", { status: " Archive\u0301  " }),
];
