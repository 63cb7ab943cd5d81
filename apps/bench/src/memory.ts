import { memoryUsage } from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { downhill } from "./work/program-2.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const heldBytes = (): number => {
  collect();
  const { heapUsed, external } = memoryUsage();
  return heapUsed + external; // external counts the memory of typed arrays too
};

/** Bytes that 200,000 steps of program 2 in one synchronous loop leave behind, after garbage collection. */
export async function retainedBytes(steps = 200_000): Promise<number> {
  const contest = await downhill.open();
  await contest.run(20_000);
  const before = heldBytes();
  await contest.run(steps);
  return heldBytes() - before;
}
