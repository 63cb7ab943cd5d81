/**
 * The ops that read or write by index tensors, as numbers for a Node's attrs: a wrong index shows only when the Program
 * runs, and the error should name the op that the user wrote.
 */
export const indexCallers = [
  "gather",
  "scatter",
  "scatterAdd",
  "indexSelect",
  "indexAdd",
  "indexFill",
  "take",
  "at",
  "indexPut",
  "sort",
  "topk",
  "oneHot",
  "crossEntropy",
  "nllLoss",
  "embedding",
  "multiMarginLoss",
  "multilabelMarginLoss",
] as const;

export type IndexCaller = (typeof indexCallers)[number];

export const callerCode = (caller: IndexCaller): number => indexCallers.indexOf(caller);
