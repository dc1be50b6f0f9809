#!/usr/bin/env node
import module from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// What one command compiled the next one starts with, in half the time: of nobody else, as what lies there is run.
const caches = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
module.enableCompileCache(join(caches, "wavegate"));
const { main } = await import("../lib/cli/main.ts");

process.exitCode = await main(process.argv.slice(2));
