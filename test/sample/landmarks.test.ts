import { beforeAll, describe, expect, it } from "vitest";
import { normalizeDate } from "../../lib/normalize/date.ts";
import { normalizeEmail } from "../../lib/normalize/email.ts";
import { personName } from "../../lib/normalize/name.ts";
import { normalizePhone } from "../../lib/normalize/phone.ts";
import { normalizeStatus } from "../../lib/normalize/status.ts";
import { archives } from "../../scripts/sample/landmarks/archives.ts";
import { landmarkLeads, landmarkUsers } from "../../scripts/sample/landmarks/platform.ts";
import { planFor, stagiaireLandmarks } from "../../scripts/sample/plan.ts";
import { platformPeople } from "../../scripts/sample/platform.ts";
import { EXPECTED, type Expected } from "./expected.ts";
import { type Student, students } from "./read.ts";

const PLACEHOLDERS = ["/", "NULL", "Ecoin.hank@gmail.com"];
const SHARED_BY_SIX = "contact@partage.example";

let rows: Map<string, Student>;
let all: Student[];

beforeAll(async () => {
  all = await students();
  rows = new Map(all.map((row) => [`${row.table} ${row.id}`, row]));
});

const rowOf = ({ source_table, legacy_id }: Expected): Student =>
  rows.get(`${source_table} ${legacy_id}`) as Student;

describe("the landmark rows and what is written about them", () => {
  it("are the same rows, each once", () => {
    const written = EXPECTED.map(({ source_table, legacy_id }) => `${source_table} ${legacy_id}`);
    const made = [
      ...stagiaireLandmarks.map(({ id }) => `stagiaires ${id}`),
      ...archives.map(({ id }) => `archives ${id}`),
    ];
    expect(written).toEqual(made);
    expect(written).toHaveLength(132);
  });

  it("D3 have the phones and alternates that are written", () => {
    for (const expected of EXPECTED) {
      const { phone, alternates } = normalizePhone(rowOf(expected).telephone, "DZ");
      expect({ id: expected.legacy_id, phone, alternates }).toEqual({
        id: expected.legacy_id,
        phone: expected.phone_normalized,
        alternates: expected.phone_alternates,
      });
    }
  });

  it("D4 have the e-mails that are written, but for the address that six rows share", () => {
    for (const expected of EXPECTED) {
      const { email } = normalizeEmail(rowOf(expected).email, PLACEHOLDERS);
      const kept = email === SHARED_BY_SIX ? null : email;
      expect([expected.legacy_id, kept]).toEqual([expected.legacy_id, expected.email_normalized]);
    }
    const sharing = all.filter(
      ({ email }) => normalizeEmail(email, PLACEHOLDERS).email === SHARED_BY_SIX,
    );
    expect(sharing.map(({ id }) => id)).toEqual(["29", "30", "31", "32", "33", "34"]);
  });

  it("D9 fail where there is no usable name, and only there", () => {
    for (const expected of EXPECTED) {
      const { nom, prenom } = rowOf(expected);
      expect([expected.legacy_id, personName([nom, prenom]) === null]).toEqual([
        expected.legacy_id,
        expected.validation_status === "failed",
      ]);
    }
  });

  it("D9 need review where contact or birth date ask for it, and only there", () => {
    const asking = EXPECTED.filter((expected) => {
      const { reason } = normalizeDate(rowOf(expected).date_naissance, "2026-11-20");
      const noContact = expected.phone_normalized === null && expected.email_normalized === null;
      return noContact || ["impossible", "future", "too_old"].includes(reason ?? "");
    });
    const written = EXPECTED.filter(
      ({ validation_status }) => validation_status === "needs_review",
    );
    expect(asking.map(({ legacy_id }) => legacy_id)).toEqual([17, 18, 28, 79, 80, 81, 7]);
    expect(written).toEqual(asking);
  });

  it("M3 have the statuses that are written", () => {
    const meaning: Record<string, string> = {
      Formée: "completed",
      Archivé: "archived_training",
      archivé: "archived_training",
      Archivè: "archived_training",
      Informer: "lead_only",
      informer: "lead_only",
      nouveau: "lead_only",
      "Ne répond pas": "lead_only",
      Confirmer: "registered",
    };
    for (const expected of EXPECTED) {
      const status = normalizeStatus(rowOf(expected).statut);
      if (status === "Reporter") {
        const real = expected.session_type === "real_session";
        expect(expected.classification).toBe(real ? "registered" : "lead_only");
      } else {
        expect([expected.legacy_id, meaning[status ?? ""] ?? "unknown"]).toEqual([
          expected.legacy_id,
          expected.classification,
        ]);
      }
    }
  });

  it("have no one else who resembles them, on the platform or in the source", () => {
    const plan = planFor(20_000, 20260525);
    const names = new Set(EXPECTED.map((row) => keyOf(rowOf(row).nom, rowOf(row).prenom)));
    names.delete("(none)");
    const own = { users: landmarkUsers.length, crm_leads: landmarkLeads.length };
    const others: string[] = [];
    for (const on of ["users", "crm_leads"] as const) {
      for (const { id, name, phone, birth } of platformPeople(plan, on)) {
        if (id <= own[on]) continue;
        const near = oneLetterLess(personName([name])?.key ?? "").some((key) => names.has(key));
        if (near || phone?.startsWith("21355") || (birth ?? "1962") < "1962") others.push(name);
      }
    }
    expect(others).toEqual([]);
    const generated = all
      .slice(122)
      .filter(({ table, id }) => table !== "archives" || Number(id) > 10);
    expect(generated).toHaveLength(2_868);
    expect(generated.filter(({ nom, prenom }) => names.has(keyOf(nom, prenom)))).toEqual([]);
  });
});

function keyOf(...parts: (string | null)[]): string {
  return personName(parts)?.key ?? "(none)";
}

/** The key itself and all keys with a letter left out: enough to see a near equal of a whole name. */
function oneLetterLess(key: string): string[] {
  return [key, ...Array.from(key, (_, i) => key.slice(0, i) + key.slice(i + 1))];
}
