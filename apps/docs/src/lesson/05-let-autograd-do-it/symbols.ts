/** How this page writes what an explanation names. */
const symbols: Readonly<Record<string, string>> = {
  grad: "g",
  momentumBuffer: "m",
  expAvg: "m",
  expAvgSq: "v",
  squareAvg: "v",
  lr: "rate",
  momentum: "μ",
  "betas[0]": "β₁",
  "betas[1]": "β₂",
  alpha: "α",
  weightDecay: "λ",
  eps: "ε",
  step: "t",
  t1: "d",
};

/** A formula of an explanation in this page's letters; `param` is the parameter's. */
export function inSymbols(formula: string, param: "w" | "b"): string {
  const letters: Readonly<Record<string, string>> = { ...symbols, param };
  return formula
    .replaceAll(/[A-Za-z]\w*(?:\[\d\])?/g, (name) => letters[name] ?? name)
    .replaceAll(" ^ t", "ᵗ")
    .replaceAll("-", "−");
}

/** What the quantities of an update are. */
export const meanings: Readonly<Record<string, string>> = {
  grad: "the gradient, from backward()",
  t1: "with the weight decay’s pull",
  momentumBuffer: "the fading sum of gradients",
  expAvg: "first moment: the average gradient",
  expAvgSq: "second moment: that of its square",
  squareAvg: "the average of its square",
  decayed: "after weight decay",
  change: "what is subtracted",
  param: "the next value",
};
