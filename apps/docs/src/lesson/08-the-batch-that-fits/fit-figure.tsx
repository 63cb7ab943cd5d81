import { numberText } from "../../figure/drawing/number-text.js";
import type { FigureDefinition } from "../../figure/figure-definition.js";
import type { Bench, Settings, State } from "./fit.experiment.js";
import experiment from "./fit.experiment.ts?raw";
import code from "./fit.pytorch.py?raw";
import output from "./fit.pytorch.txt?raw";
import { megabytes } from "./megabytes.js";
import { Shares } from "./shares.js";
import { Memory, Speed } from "./sizes.js";

const count = (perSecond: number): string => Number(perSecond.toPrecision(2)).toLocaleString("en");

export const fit: FigureDefinition<State, Settings> = {
  name: "fit",
  title: "Batches on your machine",
  experiment,
  pytorch: { code, output },
  controls: {
    width: { kind: "slider", label: "Hidden layer", start: 128, min: 32, max: 512, step: 32 },
    budget: { kind: "slider", label: "Budget, in MB", start: 16, min: 8, max: 256, step: 8 },
    gpu: { kind: "switch", label: "WebGPU too", start: false },
    seed: { kind: "seed", start: 0 },
  },
  panels: [
    { title: "Memory", Drawing: Memory },
    { title: "Shares", Drawing: Shares },
    { title: "Speed", Drawing: Speed },
  ],
  columns: [
    { name: "samples", value: ({ size }) => size },
    { name: "planned, MB", value: ({ cpu }) => megabytes(cpu.planned.peak) },
    { name: "of it state, MB", value: ({ cpu }) => megabytes(cpu.planned.state) },
    { name: "fit the budget", value: ({ cpu }) => cpu.largest },
    { name: "in use, MB", value: ({ cpu }) => megabytes(cpu.inUse), measured: true },
    { name: "samples a second", value: ({ cpu }) => cpu.perSecond, measured: true },
    { name: "WebGPU: planned, MB", value: ({ webgpu }) => (webgpu === null ? "" : megabytes(webgpu.planned.peak)) },
    {
      name: "WebGPU: samples a second",
      value: ({ webgpu }) => (webgpu === null ? "" : webgpu.perSecond),
      measured: true,
    },
  ],
  limit: 12,
  pace: 4,
  pictureAt: 12,
  onChange: "restart",
  describe({ states, at, settings }) {
    const { size, cpu, webgpu, noGpu } = states[at]!;
    const what = size === 1 ? "A single sample" : `A batch of ${size}`;
    const speed = (where: string, { perSecond }: Bench): string => `${count(perSecond)} samples a second on ${where}`;
    const gpu = webgpu === null ? "" : `, ${speed("WebGPU", webgpu)}`;
    const fits = `Within ${settings.budget} MB, ${numberText(cpu.largest)} would fit.`;
    const missing = noGpu ? " This browser offers no WebGPU, so the CPU is alone." : "";
    return `${what} takes ${numberText(megabytes(cpu.planned.peak))} MB. ${fits} Measured just now: ${speed("the CPU", cpu)}${gpu}.${missing}`;
  },
};
