import { expect, it } from "vitest";
import { csvServices } from "../support/csv-services.ts";
import { small } from "../support/small.ts";

it("B5 a view in the place of a table that waves write is called what it is", async () => {
  const platform =
    "create table seen (id bigint primary key, word text); create view things as select * from seen";
  await expect(
    csvServices(small("viewed", "no"), platform, { things: ["no,word", "1,a"] }),
  ).rejects.toThrow(
    /^things: a view or foreign table, of which nobody could tell which row a wave wrote, so nothing was set up\. Name the table behind it in the definition\.$/,
  );
});
