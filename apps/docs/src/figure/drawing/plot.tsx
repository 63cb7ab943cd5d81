import { scaleLinear, scaleLog } from "d3-scale";
import { createContext, type JSX, type ReactNode, useContext, useId, useMemo } from "react";
import { numberText } from "./number-text.js";

export interface Scale {
  (value: number): number;
  invert: (pixel: number) => number;
  ticks: (count?: number) => number[];
  domain: () => number[];
}

export interface Axis {
  readonly from: number;
  readonly to: number;
  readonly label: string;
  readonly log?: boolean;
  /** About how many ticks. Default: 5. */
  readonly ticks?: number;
}

export interface Frame {
  readonly x: Scale;
  readonly y: Scale;
}

/** Every panel is this large, in the units of its SVG; the page scales it. */
export const panelSize = { width: 400, height: 320 } as const;
const margin = { left: 50, right: 10, top: 10, bottom: 40 } as const;

const FrameContext = createContext<Frame | null>(null);

/** The scales of the plot around. */
export function useFrame(): Frame {
  const frame = useContext(FrameContext);
  if (frame === null) throw new Error("useFrame: there is no <Plot> around");
  return frame;
}

// "1e−5" where a number in words would be 1.00e−5.
const tickText = (tick: number): string => numberText(tick).replace(/\.?0+e/, "e");

function scaleOf({ from, to, log }: Axis, start: number, end: number): Scale {
  return (log === true ? scaleLog() : scaleLinear()).domain([from, to]).range([start, end]);
}

/** Where an axis has its ticks: a logarithmic one at powers of ten, or at 1, 2 and 5 times those where it has few. */
function ticksOf(scale: Scale, { from, to, log, ticks = 5 }: Axis): number[] {
  if (log !== true) return scale.ticks(ticks);
  const decades = Math.log10(to / from);
  const every = Math.max(1, Math.ceil(decades / ticks));
  const digits = decades < 2 ? [1, 2, 5] : [1];
  const powers = Array.from({ length: Math.ceil(decades) + 2 }, (_, i) => Math.floor(Math.log10(from)) + i);
  return powers
    .filter((power) => power % every === 0)
    .flatMap((power) => digits.map((digit) => Number(`${digit}e${power}`)))
    .filter((tick) => tick >= from && tick <= to);
}

/** A plane with two axes, for what is drawn inside in its own units. What leaves the plane is cut off. */
export function Plot({
  title,
  x,
  y,
  children,
}: {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly children: ReactNode;
}): JSX.Element {
  const clip = useId();
  const { width, height } = panelSize;
  const [left, right, top, bottom] = [margin.left, width - margin.right, margin.top, height - margin.bottom];
  const frame = useMemo<Frame>(
    () => ({ x: scaleOf(x, left, right), y: scaleOf(y, bottom, top) }),
    // The axes are written in place, so it is their values that tell whether they changed.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [x.from, x.to, x.log, y.from, y.to, y.log],
  );
  return (
    <svg className="plot" viewBox={`0 0 ${width} ${height}`} role="group" aria-label={title}>
      <clipPath id={clip}>
        <rect x={left} y={top} width={right - left} height={bottom - top} />
      </clipPath>
      <g aria-hidden="true">
        {ticksOf(frame.x, x).map((tick) => (
          <g key={tick} className="tick" transform={`translate(${frame.x(tick)} ${bottom})`}>
            <line y2={top - bottom} />
            {frame.x(tick) > right - 12 ? (
              <text x={margin.right} y={17} textAnchor="end">
                {tickText(tick)}
              </text>
            ) : (
              <text y={17} textAnchor="middle">
                {tickText(tick)}
              </text>
            )}
          </g>
        ))}
        {ticksOf(frame.y, y).map((tick) => (
          <g key={tick} className="tick" transform={`translate(${left} ${frame.y(tick)})`}>
            <line x2={right - left} />
            <text x={-6} dy="0.32em" textAnchor="end">
              {tickText(tick)}
            </text>
          </g>
        ))}
        <text className="axis-label" x={(left + right) / 2} y={height - 4} textAnchor="middle">
          {x.label}
        </text>
        <text className="axis-label" transform={`translate(13 ${(top + bottom) / 2}) rotate(-90)`} textAnchor="middle">
          {y.label}
        </text>
      </g>
      <g clipPath={`url(#${clip})`}>
        <FrameContext value={frame}>{children}</FrameContext>
      </g>
    </svg>
  );
}
