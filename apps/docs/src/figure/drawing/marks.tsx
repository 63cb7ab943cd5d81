import type { JSX } from "react";
import type { Point } from "../figure-definition.js";
import { useFrame } from "./plot.js";

// What stands in a plot, in the plot's own units. `tone` is a class of drawing.css: walker, data, model, loss, faint; and
// lane-1 to lane-6, for those who race.

export type Tone = "walker" | "data" | "model" | "loss" | "faint" | `lane-${1 | 2 | 3 | 4 | 5 | 6}`;

// SVG refuses NaN, and browsers lose precision far outside the picture: a path stops where it left for good.
const drawable = ([x, y]: Point): boolean => Math.abs(x) < 1e5 && Math.abs(y) < 1e5;

function useText(points: readonly Point[]): string {
  const { x, y } = useFrame();
  const places = points.map(([px, py]): Point => [x(px), y(py)]);
  const end = places.findIndex((place) => !drawable(place));
  return places
    .slice(0, end === -1 ? undefined : end)
    .map(([px, py]) => `${px.toFixed(1)},${py.toFixed(1)}`)
    .join(" ");
}

/** Points, joined. */
export function Trail({ points, tone }: { readonly points: readonly Point[]; readonly tone: Tone }): JSX.Element {
  return <polyline className={`trail ${tone}`} points={useText(points)} />;
}

/** A number for each step: a curve over 0, 1, 2, … */
export function Curve({ values, tone }: { readonly values: readonly number[]; readonly tone: Tone }): JSX.Element {
  return <Trail points={values.map((value, step): Point => [step, value])} tone={tone} />;
}

/** A point. */
export function Dot({
  at,
  tone,
  size = 4,
}: {
  readonly at: Point;
  readonly tone: Tone;
  readonly size?: number;
}): JSX.Element | null {
  const { x, y } = useFrame();
  const place: Point = [x(at[0]), y(at[1])];
  return drawable(place) ? <circle className={`dot ${tone}`} cx={place[0]} cy={place[1]} r={size} /> : null;
}

/** Many points in one path, which is cheaper to draw again and again than a Dot for each. */
export function Dots({
  at,
  tone,
  size = 4,
}: {
  readonly at: readonly Point[];
  readonly tone: Tone;
  readonly size?: number;
}): JSX.Element {
  const { x, y } = useFrame();
  const places = at.map(([px, py]): Point => [x(px), y(py)]).filter(drawable);
  const path = places.map(([px, py]) => `M${px.toFixed(1)},${py.toFixed(1)}h0`).join("");
  return <path className={`dots ${tone}`} d={path} strokeWidth={2 * size} />;
}

/** A straight line between two points. */
export function Segment({
  from,
  to,
  tone,
}: {
  readonly from: Point;
  readonly to: Point;
  readonly tone: Tone;
}): JSX.Element | null {
  const { x, y } = useFrame();
  if (![...from, ...to].every(Number.isFinite)) return null;
  return <line className={`segment ${tone}`} x1={x(from[0])} y1={y(from[1])} x2={x(to[0])} y2={y(to[1])} />;
}

/** An arrow from a point along a direction in the plot's units; `length` in those of the panel, whatever the direction's. */
export function Arrow({
  from,
  along,
  tone,
  length,
}: {
  readonly from: Point;
  readonly along: Point;
  readonly tone: Tone;
  readonly length?: number;
}): JSX.Element | null {
  const { x, y } = useFrame();
  const [startX, startY] = [x(from[0]), y(from[1])];
  const [dx, dy] = [x(from[0] + along[0]) - startX, y(from[1] + along[1]) - startY];
  const size = Math.hypot(dx, dy);
  if (!(size > 0 && size < Infinity) || !drawable([startX, startY])) return null;
  const scale = length === undefined ? 1 : length / size;
  const [endX, endY] = [startX + dx * scale, startY + dy * scale];
  const angle = (Math.atan2(dy, dx) * 180) / Math.PI;
  return (
    <g className={`arrow ${tone}`}>
      <line x1={startX} y1={startY} x2={endX} y2={endY} />
      <path d="M0,0 l-8,-4 v8 z" transform={`translate(${endX} ${endY}) rotate(${angle})`} />
    </g>
  );
}

/** Many thin arrows from one point, along directions in the plot's units: lines with a dot at each end. */
export function Rays({
  from,
  along,
  tone,
}: {
  readonly from: Point;
  readonly along: readonly Point[];
  readonly tone: Tone;
}): JSX.Element | null {
  const { x, y } = useFrame();
  const start: Point = [x(from[0]), y(from[1])];
  if (!drawable(start)) return null;
  const ends = along
    .map(([dx, dy]): Point => [x(from[0] + dx), y(from[1] + dy)])
    .filter(drawable)
    .map((end) => end.map((place) => place.toFixed(1)).join(","));
  return (
    <g className={`rays ${tone}`}>
      <path d={ends.map((end) => `M${start.map((place) => place.toFixed(1)).join(",")}L${end}`).join("")} />
      <path className="ends" d={ends.map((end) => `M${end}h0`).join("")} />
    </g>
  );
}

/** Words at a point. */
export function Label({
  at,
  children,
  anchor = "start",
}: {
  readonly at: Point;
  readonly children: string;
  readonly anchor?: "start" | "middle" | "end";
}): JSX.Element {
  const { x, y } = useFrame();
  return (
    <text className="label" x={x(at[0])} y={y(at[1])} dx={anchor === "start" ? 7 : -7} dy="-0.5em" textAnchor={anchor}>
      {children}
    </text>
  );
}

/** A bar that stands on the bottom of the plot. */
export function Bar({
  at,
  height,
  width = 0.6,
  tone,
}: {
  readonly at: number;
  readonly height: number;
  /** In the plot's units. Default: 0.6. */
  readonly width?: number;
  readonly tone: Tone;
}): JSX.Element | null {
  const { x, y } = useFrame();
  if (!Number.isFinite(height)) return null;
  const [bottom] = y.domain() as [number];
  const [left, right] = [x(at - width / 2), x(at + width / 2)];
  const top = Math.max(y(height), -1e4);
  return <rect className={`bar ${tone}`} x={left} y={top} width={right - left} height={Math.max(y(bottom) - top, 0)} />;
}
