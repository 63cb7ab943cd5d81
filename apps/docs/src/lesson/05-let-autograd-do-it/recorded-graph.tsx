import { type JSX, useId } from "react";
import { numberText } from "../../figure/drawing/number-text.js";
import { panelSize } from "../../figure/drawing/plot.js";
import type { PanelProps } from "../../figure/figure-definition.js";
import type { GraphNode, State } from "./experiment.js";
import type { Settings } from "./figure.js";
import { layOut, type Placed } from "./graph-layout.js";

const box = { width: 176, height: 34 } as const;
const pitch = { column: 210, row: 45 } as const;

/** The Nodes of one step as they were recorded, with their values, and the gradients that come back up. */
export function RecordedGraph({ states, at, settings }: PanelProps<State, Settings>): JSX.Element {
  const head = useId();
  const placed = layOut(states[at]!.graph, settings.views);
  const rows = 1 + Math.max(...placed.map(({ row }) => row));
  const columns = 1 + Math.max(...placed.map(({ column }) => column));
  const width = (columns - 1) * pitch.column + box.width;
  const height = (rows - 1) * pitch.row + box.height;
  const scale = Math.min(1, (panelSize.width - 8) / width, (panelSize.height - 8) / height);
  const left = (panelSize.width - width * scale) / 2;
  return (
    <svg
      className="plot graph"
      viewBox={`0 0 ${panelSize.width} ${panelSize.height}`}
      role="img"
      aria-label={`The recorded graph: ${placed.map(({ node }) => nodeText(node)).join("; ")}`}
    >
      <marker
        id={head}
        viewBox="0 0 8 8"
        refX="7"
        refY="4"
        markerWidth="7"
        markerHeight="7"
        orient="auto-start-reverse"
      >
        <path d="M0,0 L8,4 L0,8 z" />
      </marker>
      <g transform={`translate(${left} 4) scale(${scale})`}>
        {placed.flatMap((to, i) =>
          to.inputs.map((input, k) => <Edge key={`${i} ${k}`} from={placed[input]!} to={to} head={head} />),
        )}
        {placed.map((each, i) => (
          <NodeBox key={i} {...each} />
        ))}
        <g transform={`translate(${pitch.column} 0)`} className="legend">
          <text x={8} y={14}>
            value ↓
          </text>
          <text x={8} y={29} className="gradient">
            gradient of the loss ↑
          </text>
        </g>
      </g>
    </svg>
  );
}

function NodeBox({ node, column, row }: Placed): JSX.Element {
  const learns = node.inputs.length === 0 && node.gradient !== null;
  const kind = learns ? "parameter" : node.inputs.length === 0 || node.name === "x" ? "given" : "made";
  return (
    <g className={`node ${kind}`} transform={`translate(${column * pitch.column} ${row * pitch.row})`}>
      <rect width={box.width} height={box.height} rx={7} />
      <text x={9} y={22} className="word">
        {wordOf(node)}
      </text>
      <text x={box.width - 9} y={node.gradient === null ? 22 : 15} textAnchor="end">
        {numberText(node.value)}
      </text>
      {node.gradient !== null && (
        <text x={box.width - 9} y={29} textAnchor="end" className="gradient">
          {numberText(node.gradient)}
        </text>
      )}
    </g>
  );
}

/** From the bottom of a box to the top of the one below it, or from its left side to what stands beside it. */
function Edge({ from, to, head }: { readonly from: Placed; readonly to: Placed; readonly head: string }): JSX.Element {
  const x = (column: number): number => column * pitch.column;
  const y = (row: number): number => row * pitch.row;
  const down = from.column === to.column;
  const start = down
    ? [x(from.column) + box.width / 2, y(from.row) + box.height]
    : [x(from.column), y(from.row) + box.height / 2];
  const end = down ? [x(to.column) + box.width / 2, y(to.row)] : [x(to.column) + box.width, y(to.row) + box.height / 2];
  return <line x1={start[0]} y1={start[1]} x2={end[0]} y2={end[1]} markerEnd={`url(#${head})`} />;
}

const wordOf = ({ op, name, inputs }: GraphNode): string => {
  const done = op === "mul" && inputs.length === 1 ? "square" : op;
  if (name !== null) return inputs.length > 0 && name !== "x" ? `${name} = ${done}` : name;
  return inputs.length === 0 ? "number" : done;
};

function nodeText(node: GraphNode): string {
  const gradient = node.gradient === null ? "" : `, gradient ${numberText(node.gradient)}`;
  return `${wordOf(node)} is ${numberText(node.value)}${gradient}`;
}
