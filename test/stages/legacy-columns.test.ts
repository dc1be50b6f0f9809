import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { preflight } from "../../lib/stages/preflight.ts";
import { legacyFolder, outcomes } from "../support/legacy-folder.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { acknowledged, reviewedRun } from "../support/steps.ts";

let test: TestServices;
let folder: { remove(): Promise<void> } | undefined;

beforeEach(async () => {
  test = await testServices();
});
afterEach(async () => {
  await test.close();
  await folder?.remove();
});

const lean =
  "id,nom,prenom,date_naissance,telephone,email,statut,formation_id,session_ecoin_id,created_at";
const row = "7,Benali,Sara,1990-01-01,0559446168,,Formée,1,3,2020-01-01 08:00:00";

describe("a legacy table that lacks a column", () => {
  it("M1 which nothing uses is read without it", async () => {
    folder = await legacyFolder(test, `${lean}\n${row}\n`, {
      archives: `statut,id,nom,prenom,date_naissance,telephone,email,formation_id,session_ecoin_id,created_at,niveau\nArchivé,9,Kaci,Omar,1980-01-01,0559446169,,1,3,2020-01-01 08:00:00,TS\n`,
      formations: "id,nom\n1,Secrétariat Bureautique\n",
      session_ecoins: "id,code,formation_id\n3,SB-1,1\n",
    });
    const run = randomUUID();
    await reviewedRun(test, run);
    expect(await outcomes(test, run, "planned, raw_payload, phone_normalized")).toEqual({
      7: {
        planned: "commit",
        phone_normalized: "213559446168",
        raw_payload: {
          id: "7",
          nom: "Benali",
          prenom: "Sara",
          date_naissance: "1990-01-01",
          telephone: "0559446168",
          email: null,
          statut: "Formée",
          formation_id: "1",
          session_ecoin_id: "3",
          created_at: "2020-01-01 08:00:00",
        },
      },
    });
    const [archived] = await test.query(
      "select raw_payload ->> 'niveau' as niveau, raw_payload ->> 'statut' as statut, phone_normalized from wavegate.legacy_student_imports where run_id = $1 and source_table = 'archives'",
      [run],
    );
    expect(archived).toEqual({ niveau: "TS", statut: "Archivé", phone_normalized: "213559446169" });
  });

  it.each(["nom", "telephone", "statut", "session_ecoin_id", "created_at"])(
    "R1 which something is made from is refused: %s",
    async (column) => {
      folder = await legacyFolder(test, `${lean.replace(column, "autre")}\n${row}\n`);
      const run = randomUUID();
      await expect(
        preflight(test.services, {
          migration: "ecoin",
          run,
          executionArn: `arn:${run}`,
          acknowledge: acknowledged,
        }),
      ).rejects.toThrow(`The source has no column stagiaires.${column}. Nothing was staged.`);
    },
  );
});
