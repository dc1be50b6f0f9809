#!/usr/bin/env node
import module from "node:module";

// What one command compiled the next one starts with, in half the time.
module.enableCompileCache();
const { main } = await import("../lib/cli/main.ts");

process.exitCode = await main(process.argv.slice(2));
