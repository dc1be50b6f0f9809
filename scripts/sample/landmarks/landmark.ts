/**
 * A row that stands at a fixed id in every sample, whatever its size, for one kind of dirt each.
 * `test/sample/expected.ts` says by hand what a migration must make of it. Phones 0550 001 xxx and
 * birth dates before 1960 belong to landmarks alone, so that no generated row resembles one.
 */
export interface Landmark {
  readonly id: number;
  readonly nom: string | null;
  readonly prenom: string | null;
  readonly birth: string | null;
  readonly phone: string | null;
  readonly email: string | null;
  readonly status: string | null;
  readonly formation: number | null;
  readonly session: number | null;
  readonly createdAt?: string;
}

type Differences = Partial<Omit<Landmark, "id" | "nom" | "prenom">>;

/** A trained person with a good phone in a real session; `different` says what is special. */
export function landmark(
  id: number,
  nom: string | null,
  prenom: string | null,
  different: Differences = {},
): Landmark {
  const number = String(id).padStart(3, "0");
  return {
    id,
    nom,
    prenom,
    birth: new Date(Date.UTC(1957, 0, id)).toISOString().slice(0, 10),
    phone: `0550001${number}`,
    email: null,
    status: "Formée",
    formation: 1,
    session: 3,
    ...different,
  };
}
