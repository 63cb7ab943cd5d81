import { memoryUsage } from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { program2 } from "./peers/downhill/lesson.ts";

/** Bytes that so many steps of program 2 in one synchronous loop leave behind, after garbage collection. */
export async function retainedBytes(steps: number): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const heldBytes = (): number => {
    collect();
    const { heapUsed, external } = memoryUsage();
    return heapUsed + external; // external counts the memory of typed arrays too
  };
  const runner = await program2();
  await runner.run(20_000);
  const before = heldBytes();
  await runner.run(steps);
  return heldBytes() - before;
}
