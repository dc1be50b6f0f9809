import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { textsIn } from "../../lib/console/texts/texts.ts";
import {
  commit,
  defineMigration,
  entity,
  insert,
  reference,
  table,
  text,
} from "../../lib/define/builders.ts";
import { sayWhileRead } from "../../lib/speech/while-read.ts";
import { finishImport } from "../../lib/stages/finish-import.ts";
import { importRange } from "../../lib/stages/import-range.ts";
import { planImport } from "../../lib/stages/plan-import.ts";
import { preflight } from "../../lib/stages/preflight.ts";
import { fromPostgres } from "../lifecycle/from-postgres.ts";
import { startMariaDb } from "../support/mariadb.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { acknowledged } from "../support/steps.ts";

const guests = defineMigration({
  name: "rewritten_guests",
  title: "Guests and their tags",
  connection: "legacy",
  source: {
    guests: table({ integer: "no" }, "name", "tag", "seen"),
    tags: table({ integer: "no" }, "label"),
    letters: table("code", "name"),
  },
  references: {
    tag: {
      kind: "by_name",
      from: "tags",
      id: "no",
      label: "label",
      platform: { table: "labels", id: "id", label: "label" },
      suggestFrom: 0.6,
      staging: { table: "guests_tags", id: "tag_no", label: "label", target: "label_id" },
    },
  },
  entities: [
    entity("guest", {
      from: ["guests"],
      fields: { name: text("name"), tag: reference("tag", "tag") },
      decide: {},
      actions: { guest: insert("people", { name: "name" }) },
      plan: [commit("guest")],
    }),
    entity("letter", {
      from: ["letters"],
      fields: { name: text("name") },
      decide: {},
      actions: { letter: insert("letters", { name: "name" }) },
      plan: [commit("letter")],
    }),
  ],
});
const platform = `
  create table labels (id bigint primary key, label text);
  create table people (id bigint generated always as identity primary key, name text);
  create table letters (id bigint generated always as identity primary key, name text);`;
const tables = `
  create table guests (no bigint primary key, name varchar(40), tag bigint, seen bigint);
  create table tags (no bigint primary key, label varchar(40));
  create table letters (code varchar(40) primary key, name varchar(40))`;

interface Server {
  readonly test: TestServices;
  /** Statements in the words of both. */
  write(...statements: string[]): Promise<void>;
  close(): Promise<void>;
}

async function mariadb(): Promise<Server> {
  const test = await testServices({
    world: { migration: guests, platform: [platform], legacy: "nowhere" },
  });
  const server = await startMariaDb();
  Object.assign(test.legacy, server.settings);
  await server.query(
    tables
      .split(";")
      .map((each) => `${each};`)
      .join(""),
  );
  return {
    test,
    write: async (...statements) => {
      for (const statement of statements) await server.query(statement);
    },
    close: async () => {
      await test.close();
      await server.stop();
    },
  };
}

async function postgres(): Promise<Server> {
  const test = await fromPostgres(guests, { platform, legacy: tables });
  return {
    test,
    write: async (...statements) => {
      for (const statement of statements) await test.inLegacy(statement);
    },
    close: () => test.close(),
  };
}

const numbers = Array.from({ length: 400 }, (_, n) => n + 1);
const filled = [
  "delete from guests",
  "delete from tags",
  "delete from letters",
  `insert into guests values ${numbers.map((n) => `(${n}, 'guest ${n}', ${1 + (n % 3)}, 0)`).join(", ")}`,
  "insert into tags values (1, 'Yoga'), (2, 'Choir'), (3, 'Chess')",
  `insert into letters values ${numbers.map((n) => `('L${n}', 'letter ${n}')`).join(", ")}`,
];

describe.each([
  ["MariaDB", mariadb],
  ["PostgreSQL", postgres],
])(
  "R3 a %s whose rows are written while it is read, and has as many before and after",
  (_, start) => {
    let server: Server;
    let runs = 0;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server?.close());
    beforeEach(() => server.write(...filled));
    afterEach(async () => {
      expect(
        await server.test.query(
          "select from wavegate.source_glimpses g join wavegate.legacy_import_runs r on r.id = g.run_id where r.stage <> 'preflight'",
        ),
      ).toEqual([]);
    });

    /** How an import ends of a source in which that was written behind its plan, or behind its first range. */
    const ended = async (
      write: readonly string[],
      behindRange = 0,
      batch = "100",
    ): Promise<string> => {
      runs += 1;
      const run = `7f3a0000-0000-4000-8000-0000000a2${String(runs).padStart(3, "0")}`;
      const { services, query } = server.test;
      await preflight(services, {
        migration: "rewritten_guests",
        run,
        executionArn: `arn:${run}`,
        acknowledge: acknowledged,
        settings: { batch_size: batch },
      });
      const { ranges } = await planImport(services, run);
      for (const [index, { range }] of ranges.entries()) {
        if (index === behindRange) await server.write(...write);
        await importRange(services, run, range);
      }
      const end = await finishImport(services, run).then(
        () => "staged",
        ({ name, message }: Error) => `${name}: ${message}`,
      );
      const [found] = await query<{ counts: Record<string, number> }>(
        "select counts from wavegate.legacy_import_runs where id = $1",
        [run],
      );
      return `${end} | ${found?.counts.rewritten ?? 0}`;
    };
    const nextSteps =
      "Nothing was committed. Start a new run, of a source that nobody writes anew meanwhile, or of a copy of it. | 0";

    it("goes on where nobody writes it, or what nothing is made of, or some rows", async () => {
      expect(await ended([])).toBe("staged | 0");
      expect(await ended(["update guests set seen = seen + 1"])).toBe("staged | 0");
      expect(
        await ended([
          "insert into guests values (900, 'late', 1, 0)",
          "delete from guests where no = 7",
        ]),
      ).toBe("staged | 0");
      expect(await ended(["update guests set name = 'Ada' where no in (3, 103)"])).toBe(
        "staged | 2",
      );
    });

    it("is refused where its rows were given each other's keys", async () => {
      expect(await ended(["update guests set name = concat('guest ', 401 - no)"], 2)).toBe(
        `SourceChanged: The source changed while it was read: of 400 rows of guests that were looked at again, 400 hold something else under their keys than when the import began. ${nextSteps}`,
      );
      expect(await ended(["update letters set name = concat('letter to ', code)"], 3)).toMatch(
        /^SourceChanged: .* of 400 rows of letters that were looked at again, 400 hold/u,
      );
    });

    it("is refused where it was emptied and filled anew under the same keys", async () => {
      expect(
        await ended([
          "delete from guests",
          ...filled.slice(3, 4).map((each) => each.replaceAll("guest ", "other ")),
        ]),
      ).toMatch(/^SourceChanged: .* 400 hold something else/u);
    });

    it("is refused where a third of a larger table was written, wherever that stands", async () => {
      const many = Array.from({ length: 3_000 }, (_, n) => `(${n + 1}, 'guest ${n + 1}', 1, 0)`);
      for (const written of [
        ...["no <= 1000", "no > 1000 and no <= 2000", "no > 2000"],
        // Nothing of what any range begins with.
        "no % 1000 = 0 or no % 1000 > 300",
      ]) {
        await server.write(
          ...filled,
          "delete from guests",
          `insert into guests values ${many.join(", ")}`,
        );
        expect(await ended([`update guests set name = 'Ada' where ${written}`], 0, "1000")).toMatch(
          /^SourceChanged: .* rows of guests that were looked at again, /u,
        );
      }
    });

    it("is refused where what rows refer to is called otherwise, or means another one's", async () => {
      expect(await ended(["update tags set label = 'Pilates' where no = 1"])).toBe(
        `SourceChanged: The source changed while it was read: of 3 rows of tags that were looked at again, 1 holds something else under its key than when the import began. ${nextSteps}`,
      );
      expect(
        await ended([
          "update tags set label = case no when 1 then 'Choir' when 2 then 'Yoga' else label end",
        ]),
      ).toMatch(/^SourceChanged: .* of 3 rows of tags that were looked at again, 2 hold/u);
      expect(await ended(["insert into tags values (4, 'Judo')"])).toBe("staged | 0");
    });
  },
);

it("R3 V5 what was written meanwhile is said in both languages", () => {
  expect(sayWhileRead.en.rewritten(2)).toMatch(
    /^Of the rows that were looked at again when the import ended 2 hold something else/u,
  );
  expect(textsIn("fr").whileRead.rewritten(2)).toMatch(
    /^Parmi les lignes relues à la fin de l’import, 2 ne contiennent plus/u,
  );
});
