import type { OtherNames } from "./compare.ts";

/** What is here under another name, or as another way to say it. MDX: braces only in code. */
export const otherNames: OtherNames = {
  torch: {
    set_printoptions: "`setPrintOptions`",
  },
};
