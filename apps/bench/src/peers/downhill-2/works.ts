import { setNumThreads } from "@downhill/core";
import type { Open, Works } from "../../runner.ts";
import { works as alone } from "../downhill/works.ts";

const onTwo =
  (open: Open): Open =>
  async () => {
    await setNumThreads(2);
    return open();
  };

const small = "small work stays on one thread";

/** Downhill on the `cpu` device with two threads: what is large enough for them. */
export const works: Works = {
  ...(Object.fromEntries(
    Object.entries(alone).map(([name, open]) => [name, typeof open === "string" ? open : onTwo(open)]),
  ) as Works),
  "program-2": small,
  "program-2-compiled": small,
  "program-3": small,
  batch: small,
  "first-step": small,
  "compile-30": small,
};
