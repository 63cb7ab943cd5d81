import { ValueError, show } from "../errors.js";
import { cos, log, sin } from "./accurate.js";
import { boxMuller16 } from "./box-muller-float32.js";
import { fma64 } from "./exact-arithmetic.js";
import type { Generator } from "./generator.js";
import type { FloatArray } from "./uniform.js";

/**
 * Draws one standard normal in float64, as PyTorch does for outputs of fewer than 16 elements: two uniforms make a pair by
 * Box-Muller, of which the second waits in the generator for the next call.
 */
export function singleNormal(generator: Generator): number {
  const cached = generator.cachedNormal;
  if (cached !== undefined) {
    generator.cachedNormal = undefined;
    return cached;
  }
  const theta = 2 * Math.PI * generator.random53();
  const radius = Math.sqrt(-2 * log(1 - generator.random53()));
  generator.cachedNormal = radius * sin(theta);
  return radius * cos(theta);
}

/**
 * Fills `out` with normal numbers, as Tensor.normal_(mean, std).
 *
 * Fewer than 16 are drawn one at a time. From 16 on, `out` is filled with uniforms and each block of 16 transformed in
 * place; if the length is no multiple of 16, the last 16 places are drawn afresh and transformed once more.
 */
export function fillNormal(out: FloatArray, generator: Generator, mean = 0, std = 1): void {
  checkStd("std", std);
  const { length } = out;
  if (length < 16) {
    const standard = mean === 0 && std === 1;
    for (let i = 0; i < length; i++) {
      const value = singleNormal(generator);
      out[i] = standard ? value : fma64(value, std, mean);
    }
    return;
  }
  const rest = length % 16;
  if (out instanceof Float32Array) {
    const [mean32, std32] = [Math.fround(mean), Math.fround(std)];
    for (let i = 0; i < length; i++) out[i] = generator.random24();
    for (let i = 0; i < length - rest; i += 16) boxMuller16(out, i, mean32, std32);
    if (rest === 0) return;
    for (let i = length - 16; i < length; i++) out[i] = generator.random24();
    boxMuller16(out, length - 16, mean32, std32);
  } else {
    for (let i = 0; i < length; i++) out[i] = generator.random53();
    for (let i = 0; i < length - rest; i += 16) boxMuller16Float64(out, i, mean, std);
    if (rest === 0) return;
    for (let i = length - 16; i < length; i++) out[i] = generator.random53();
    boxMuller16Float64(out, length - 16, mean, std);
  }
}

/** Turns the 16 uniforms from `start` on into normals: value j and value j + 8 make the pair that takes their places. */
function boxMuller16Float64(data: Float64Array, start: number, mean: number, std: number): void {
  const standard = mean === 0 && std === 1;
  for (let j = start; j < start + 8; j++) {
    const radius = Math.sqrt(-2 * log(1 - data[j]!));
    const theta = 2 * Math.PI * data[j + 8]!;
    const n1 = radius * cos(theta);
    const n2 = radius * sin(theta);
    data[j] = standard ? n1 + 0 : fma64(n1, std, mean);
    data[j + 8] = standard ? n2 + 0 : fma64(n2, std, mean);
  }
}

function checkStd(what: string, std: number): void {
  if (!(std >= 0)) throw new ValueError(`normal: ${what} must be at least 0, got ${show(std)}`);
}

/**
 * Fills `out` with normal numbers whose means, deviations or both differ from element to element, as torch.normal with
 * tensors: standard normals, scaled and shifted afterwards. An array has the length of `out`.
 */
export function fillNormalFrom(
  out: FloatArray,
  generator: Generator,
  mean: number | FloatArray,
  std: number | FloatArray,
): void {
  if (typeof std === "number") {
    fillNormal(out, generator, typeof mean === "number" ? mean : 0, std);
    if (typeof mean !== "number") for (let i = 0; i < out.length; i++) out[i]! += mean[i]!;
    return;
  }
  for (const value of std) checkStd("each std", value);
  fillNormal(out, generator);
  const means = typeof mean === "number" ? out.slice().fill(mean) : mean;
  for (let i = 0; i < out.length; i++) {
    out[i]! *= std[i]!; // two statements, because PyTorch rounds twice
    out[i]! += means[i]!;
  }
}
