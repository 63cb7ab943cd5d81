import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

/** Has the garbage collected, and those told who wait for it. */
export async function collect(): Promise<void> {
  for (let i = 0; i < 2; i++) {
    await setTimeout(0);
    gc();
    await setTimeout(0);
  }
}
