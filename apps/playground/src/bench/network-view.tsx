import { type JSX, memo, type MemoExoticComponent } from "react";

const width = 460;
const height = 260;

/** The network: a circle for each unit, and a line for each weight, the thicker the larger, in the colour of its sign. */
export const NetworkView: MemoExoticComponent<typeof Network> = memo(Network);

function Network({
  layers,
  weights,
}: {
  readonly layers: readonly number[];
  readonly weights: readonly Float32Array[] | null;
}): JSX.Element {
  const sizes = [2, ...layers, 1];
  const x = (layer: number): number => 40 + (layer * (width - 80)) / (sizes.length - 1);
  const y = (layer: number, unit: number): number => ((unit + 0.5) * height) / sizes[layer]!;
  const label = `A network of ${sizes.join(", ")} units`;
  return (
    <svg className="network" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      {weights?.flatMap((matrix, layer) => {
        const [inputs, outputs] = [sizes[layer] ?? 0, sizes[layer + 1] ?? 0];
        // While settings change, the weights may still be those of the network before.
        if (matrix.length !== inputs * outputs) return [];
        return Array.from(matrix, (weight, i) => (
          <line
            key={`${layer}-${i}`}
            x1={x(layer)}
            y1={y(layer, i % inputs)}
            x2={x(layer + 1)}
            y2={y(layer + 1, Math.floor(i / inputs))}
            stroke={weight < 0 ? "var(--run-2)" : "var(--run-1)"}
            strokeWidth={Math.min(0.3 + 1.6 * Math.abs(weight), 7)}
            strokeOpacity={0.75}
          />
        ));
      })}
      {sizes.flatMap((size, layer) =>
        Array.from({ length: size }, (_, unit) => (
          <circle
            key={`${layer}-${unit}`}
            cx={x(layer)}
            cy={y(layer, unit)}
            r={Math.min(9, height / size / 2.4)}
            fill="var(--paper)"
            stroke="var(--text)"
            strokeWidth={1.5}
          />
        )),
      )}
    </svg>
  );
}
