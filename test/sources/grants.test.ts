import { describe, expect, it } from "vitest";
import { readGrants } from "../../lib/sources/mysql/grants.ts";

const privileges = (...lines: string[]) => readGrants(lines, "ecoin_legacy").privileges;

describe("R1 what SHOW GRANTS says about the source database", () => {
  it("is SELECT alone for the user the runbook asks for", () => {
    expect(
      privileges(
        "GRANT USAGE ON *.* TO `ecoin_legacy_reader`@`%` IDENTIFIED BY PASSWORD '*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4'",
        "GRANT SELECT ON `ecoin_legacy`.* TO `ecoin_legacy_reader`@`%`",
      ),
    ).toEqual(["SELECT"]);
  });

  it.each([
    ["globally", "GRANT SELECT, INSERT ON *.* TO `u`@`%`", ["INSERT", "SELECT"]],
    [
      "all of them",
      "GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION",
      ["ALL PRIVILEGES", "GRANT OPTION"],
    ],
    ["written short", "GRANT ALL ON `ecoin_legacy`.* TO `u`@`%`", ["ALL PRIVILEGES"]],
    [
      "on the database",
      "GRANT SELECT, UPDATE, CREATE TEMPORARY TABLES ON `ecoin_legacy`.* TO `u`@`%`",
      ["CREATE TEMPORARY TABLES", "SELECT", "UPDATE"],
    ],
    ["on a pattern with %", "GRANT DELETE ON `ecoin%`.* TO `u`@`%`", ["DELETE"]],
    ["on a pattern with _", "GRANT DELETE ON `ecoin_legacy`.* TO `u`@`%`", ["DELETE"]],
    ["on an escaped name", "GRANT DELETE ON `ecoin\\_legacy`.* TO `u`@`%`", ["DELETE"]],
    ["in another case", "GRANT DELETE ON `ECOIN_Legacy`.* TO `u`@`%`", ["DELETE"]],
    [
      "on one table",
      "GRANT SELECT, DROP ON `ecoin_legacy`.`archives` TO `u`@`%`",
      ["DROP", "SELECT"],
    ],
    [
      "on columns",
      "GRANT SELECT (`id`, `nom`), UPDATE (`statut`) ON `ecoin_legacy`.`stagiaires` TO `u`@`%`",
      ["SELECT", "UPDATE"],
    ],
    [
      "on a procedure",
      "GRANT EXECUTE ON PROCEDURE `ecoin_legacy`.`clean_up` TO `u`@`%`",
      ["EXECUTE"],
    ],
    [
      "only to pass on",
      "GRANT USAGE ON `ecoin_legacy`.* TO `u`@`%` WITH GRANT OPTION",
      ["GRANT OPTION"],
    ],
    [
      "to pass on, with limits",
      "GRANT USAGE ON *.* TO `u`@`%` WITH MAX_QUERIES_PER_HOUR 5 GRANT OPTION",
      ["GRANT OPTION"],
    ],
    [
      "dynamic ones of MySQL 8",
      "GRANT BACKUP_ADMIN,SYSTEM_USER ON *.* TO `u`@`%`",
      ["BACKUP_ADMIN", "SYSTEM_USER"],
    ],
    ["for another user", "GRANT PROXY ON 'admin'@'%' TO 'u'@'%'", ["PROXY"]],
    ["in the old quoting", "GRANT SELECT ON \"ecoin_legacy\".* TO 'u'@'%'", ["SELECT"]],
  ])("counts a privilege %s", (_, line, expected) => {
    expect(privileges(line)).toEqual(expected);
  });

  it.each([
    ["another database", "GRANT ALL PRIVILEGES ON `shop`.* TO `u`@`%`"],
    ["a name that only looks alike", "GRANT DELETE ON `ecoin\\_legacy2`.* TO `u`@`%`"],
    ["an escaped wildcard", "GRANT DELETE ON `ecoin\\%`.* TO `u`@`%`"],
    ["nothing at all", "GRANT USAGE ON *.* TO `u`@`%`"],
    ["what was taken away", "REVOKE INSERT ON `ecoin_legacy`.* FROM `u`@`%`"],
    [
      "a text that looks like a grant",
      "GRANT USAGE ON *.* TO `u`@`%` IDENTIFIED VIA unix_socket AS 'ALL ON *.* TO WITH GRANT OPTION'",
    ],
  ])("leaves out %s", (_, line) => {
    expect(privileges(line)).toEqual([]);
  });

  it("counts a privilege on a name with the quotes in it", () => {
    const line = 'GRANT DELETE ON `ecoin``s "old"`.* TO `u`@`%`';
    expect(readGrants([line], 'ecoin`s "old"').privileges).toEqual(["DELETE"]);
  });

  it("lists the roles a user was given, in both dialects", () => {
    expect(readGrants(["GRANT `writers` TO `u`@`%`"], "ecoin_legacy").roles).toEqual(["`writers`"]);
    expect(
      readGrants(["GRANT `app`@`%`,`ops`@`localhost` TO `u`@`%`"], "ecoin_legacy").roles,
    ).toEqual(["`app`@`%`", "`ops`@`localhost`"]);
  });

  it("counts the right to give a role away", () => {
    expect(privileges("GRANT `writers` TO `u`@`%` WITH ADMIN OPTION")).toEqual(["ADMIN OPTION"]);
  });
});
