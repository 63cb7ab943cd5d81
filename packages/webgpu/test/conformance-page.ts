import { conformanceChecks } from "@downhill/core/testing";
import { requestDevice } from "@downhill/webgpu";
import { gaps } from "./gaps.js";

/** Runs every check in the page, and tells the message of each that fails, by name. */
async function run(): Promise<Record<string, string>> {
  const failures: Record<string, string> = {};
  for (const check of conformanceChecks(() => requestDevice(), { gaps })) {
    await check.run().catch((error: unknown) => (failures[check.name] = String(error)));
  }
  return failures;
}

Object.assign(globalThis, { runConformance: run });
