import { Connection, Stopped } from "./connection.js";
import type { Verdict } from "./message.js";

/**
 * Runs what the user wrote in a worker and hands its exports to `check(user)` of another module, which returns
 * `{ ok, message }` or a Promise of it. What fails in the user's code, or takes too long, is not ok.
 *
 * @throws ProgramError where the check itself fails.
 */
export async function checkExercise(
  text: string,
  checkText: string,
  { timeout = 10_000 }: { readonly timeout?: number } = {},
): Promise<Verdict> {
  const connection = new Connection();
  const timer = setTimeout(() => connection.stop(), timeout);
  try {
    return (await connection.ask({ type: "check", text, checkText })) as Verdict;
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    return { ok: false, message: `It was stopped after ${timeout / 1000} s. Does a loop never end?` };
  } finally {
    clearTimeout(timer);
    connection.stop();
  }
}
