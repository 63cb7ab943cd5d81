import type { JSX, KeyboardEvent, PointerEvent } from "react";
import type { Point } from "../figure-definition.js";
import type { Tone } from "./marks.js";
import { numberText } from "./number-text.js";
import { useFrame } from "./plot.js";

const directions: Readonly<Record<string, Point>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowDown: [0, -1],
  ArrowUp: [0, 1],
};

/** A point to drag, or to move with the arrow keys (ten times as far with Shift). It stays inside the plot. */
export function Handle({
  at,
  label,
  tone,
  step,
  onMove,
}: {
  readonly at: Point;
  /** What is moved: "start of the walk". */
  readonly label: string;
  readonly tone: Tone;
  /** How far an arrow key moves it, and what places are multiples of, in the plot's units. */
  readonly step: number;
  readonly onMove: (to: Point) => void;
}): JSX.Element {
  const { x, y } = useFrame();
  const [fromX, toX] = x.domain() as [number, number];
  const [fromY, toY] = y.domain() as [number, number];

  const snap = (value: number, from: number, to: number): number =>
    Math.min(to, Math.max(from, Number((Math.round(value / step) * step).toFixed(10))));
  const move = (px: number, py: number): void => {
    const to: Point = [snap(px, fromX, toX), snap(py, fromY, toY)];
    if (to[0] !== at[0] || to[1] !== at[1]) onMove(to);
  };

  const drag = (event: PointerEvent<SVGGElement>): void => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const screen = event.currentTarget.ownerSVGElement!.getScreenCTM()!.inverse();
    const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(screen);
    move(x.invert(place.x), y.invert(place.y));
  };
  const press = (event: KeyboardEvent): void => {
    const direction = directions[event.key];
    if (direction === undefined) return;
    event.preventDefault();
    const far = event.shiftKey ? 10 * step : step;
    move(at[0] + direction[0] * far, at[1] + direction[1] * far);
  };

  return (
    <g
      className={`handle ${tone}`}
      transform={`translate(${x(at[0])} ${y(at[1])})`}
      tabIndex={0}
      role="slider"
      aria-label={`${label}, move with the arrow keys`}
      aria-valuemin={fromX}
      aria-valuemax={toX}
      aria-valuenow={at[0]}
      aria-valuetext={`${numberText(at[0])}, ${numberText(at[1])}`}
      onKeyDown={press}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
    >
      <circle className="reach" r={16} />
      <circle className="knob" r={6} />
    </g>
  );
}
