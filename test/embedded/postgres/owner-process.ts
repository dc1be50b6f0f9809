// Run as a program of its own: starts PostgreSQL in the folder named, says so, and waits for its end.
import { startPostgres } from "../../../lib/embedded/postgres/start.ts";

const [directory = "", isolation] = process.argv.slice(2);
try {
  const { url } = await startPostgres({
    directory,
    ...(isolation ? { isolation: isolation as "namespace" } : {}),
  });
  console.log(JSON.stringify({ url }));
  setInterval(() => {}, 1_000);
} catch (error) {
  const { name, message } = error as Error;
  console.log(JSON.stringify({ name, message }));
}
