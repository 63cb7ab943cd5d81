import { contours } from "d3-contour";
import { type JSX, memo, type NamedExoticComponent, useMemo } from "react";
import { useFrame } from "./plot.js";

type Range = readonly [number, number];

export interface ContoursProps {
  readonly heights: readonly (readonly number[])[];
  readonly levels: readonly number[];
  readonly x: Range;
  readonly y: Range;
}

/**
 * Lines of equal height over a grid that reaches from edge to edge of `x` and `y`; row 0 is the lowest y. The ground
 * darkens with each level.
 */
export const Contours: NamedExoticComponent<ContoursProps> = memo(function Contours({
  heights,
  levels,
  x,
  y,
}: ContoursProps): JSX.Element {
  const frame = useFrame();
  const paths = useMemo(() => {
    const rows = heights.length;
    const columns = heights[0]!.length;
    // d3 counts cells: a value stands in the middle of its cell, half a cell from the edge.
    const along = ([from, to]: Range, cell: number, count: number): number =>
      from + ((to - from) * (cell - 0.5)) / (count - 1);
    return contours()
      .size([columns, rows])
      .thresholds([...levels])(heights.flat())
      .map(({ value, coordinates }) => ({
        value,
        path: coordinates
          .flat()
          .map((ring) => {
            const corners = ring.map(
              ([cx, cy]) => `${frame.x(along(x, cx!, columns)).toFixed(1)},${frame.y(along(y, cy!, rows)).toFixed(1)}`,
            );
            return `M${corners.join("L")}Z`;
          })
          .join(""),
      }));
  }, [frame, heights, levels, x, y]);
  return (
    <g className="contours" aria-hidden="true">
      {paths.map(({ value, path }) => (
        <path key={value} d={path} />
      ))}
    </g>
  );
});
