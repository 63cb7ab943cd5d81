import type { Evaluator } from "./evaluate.js";
import { ProgramError } from "./fault.js";
import type { Verdict } from "./message.js";

/**
 * Hands the exports of what the user wrote to the function `check` of another module, which says `{ ok, message }`. Where
 * the user's module fails, that is the verdict.
 */
export async function check(evaluator: Evaluator, text: string, checkText: string): Promise<Verdict> {
  const { check: judge } = await evaluator.run(checkText, "check.ts");
  if (typeof judge !== "function") throw new TypeError("check.ts exports no function check(user)");
  try {
    const user = await evaluator.run(text);
    const verdict = (await (judge as (user: unknown) => unknown)(user)) as Partial<Verdict> | undefined;
    return { ok: verdict?.ok === true, message: verdict?.message ?? "" };
  } catch (error) {
    const fault = error instanceof ProgramError ? error.fault : evaluator.fault(error);
    if (fault.module === "check.ts") throw error;
    return { ok: false, message: `${fault.name}: ${fault.message}`, fault };
  }
}
