import { expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import { signOffs } from "./asked.ts";
import { reference, runId } from "./fixture.ts";

const here = signOffs();
const { asked } = here;

it("W8 W9 a question that nobody answered in time is said to be one, on the run's page and in the list, and not to go on by itself; so is one that was withdrawn", async () => {
  await asked();
  await here.world.admin.query(
    `update wavegate.legacy_import_runs set status = 'waiting' where id = '${runId}'`,
  );
  const started = { name: runId, executionArn: "arn:waits", machine: "migration" };
  const workflow = {
    ...here.world.services.workflow,
    underWay: async () => [{ ...started, startedAt: new Date() }],
    steps: async () => [],
  };
  const page = createConsole({
    services: { ...here.world.services, workflow } as never,
    key: Buffer.alloc(32, 7),
    log: { info: () => {}, error: () => {} },
  });
  const look = async (rawPath: string) => {
    const claims = { "cognito:username": "brahim" };
    const http = { method: "GET" };
    const requestContext = { http, authorizer: { jwt: { claims } } };
    const asks = { rawPath, rawQueryString: "", headers: {}, requestContext };
    return (await page(asks)).body;
  };
  const runPage = `/admin/legacy-imports/runs/${reference}`;
  const unanswered = "Nobody answered its sign-off before the link expired";
  expect(await look(runPage)).not.toContain(unanswered);
  expect(await look("/admin/legacy-imports")).toContain(
    '<td data-label="Waits for">a sign-off</td>',
  );
  here.world.time.now = new Date(here.world.time.now.getTime() + 8 * 86_400_000);
  expect(await look(runPage)).toContain(unanswered);
  expect(await look("/admin/legacy-imports")).toContain('<td data-label="Waits for">a start</td>');
  await here.world.admin.query(
    `update wavegate.sign_offs set status = 'voided', void_because = 'the mappings changed' where run_id = '${runId}'`,
  );
  expect(await look(runPage)).toContain("Its question was withdrawn");
  expect(await look("/admin/legacy-imports")).toContain('<td data-label="Waits for">a start</td>');
});
