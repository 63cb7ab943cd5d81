import type { JSX } from "react";
import { Contours } from "../../figure/drawing/contours.js";
import { Handle } from "../../figure/drawing/handle.js";
import { Plot } from "../../figure/drawing/plot.js";
import type { PanelProps } from "../../figure/figure-definition.js";
import type { Settings, State } from "./experiment.js";

const x = { from: -1, to: 5, label: "weight w" };
const y = { from: -7, to: 13, label: "bias b" };
const spanX = [-1, 5] as const;
const spanY = [-7, 13] as const;
const levels = [2, 4, 8, 16, 32, 64, 128, 256, 512];

/** The loss of every line: a place here is a line there. */
export function LossMap({ states, at, settings, change }: PanelProps<State, Settings>): JSX.Element {
  const { land, seen } = states[at]!;
  return (
    <Plot title="The loss of every line, as a map" x={x} y={y}>
      {seen > 0 && <Contours heights={land} levels={levels} x={spanX} y={spanY} />}
      <Handle
        at={[settings.w, settings.b]}
        label="The line, as a weight and a bias"
        tone="model"
        step={0.05}
        onMove={([w, b]) => change({ w, b })}
      />
    </Plot>
  );
}
