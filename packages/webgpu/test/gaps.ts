/** What WebGPU lacks. Each check whose name holds one must fail. */
export const gaps: Readonly<Record<string, string>> = {
  float64: "WGSL has no f64",
  "convert: to 1": "it converts to float64",
  "convert: double": "it converts to float64",
};
