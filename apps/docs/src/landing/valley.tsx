import type { ReactNode } from "react";

const width = 480;
const height = 150;
const [steep, flat] = [1, 0.09]; // the curvatures of the two axes
const rate = 1.82;

/** A narrow valley from above, and the way that gradient descent takes through it at a rate near its edge. */
export function Valley({ className }: { readonly className?: string | undefined }): ReactNode {
  const levels = [0.012, 0.05, 0.12, 0.23, 0.38, 0.58, 0.83];
  const path = descend({ x: -2.35, y: 0.62 }, 26);
  return (
    <svg className={className} viewBox={`0 0 ${width} ${height}`} role="img" aria-labelledby="valley-title">
      <title id="valley-title">
        Contour lines of a narrow valley; gradient descent zigzags from its left end to the lowest point.
      </title>
      <g fill="none" stroke="var(--dh-line)" strokeWidth="1.5">
        {levels.map((level) => (
          <ellipse
            key={level}
            cx={screenX(0)}
            cy={screenY(0)}
            rx={Math.sqrt((2 * level) / flat) * scale}
            ry={Math.sqrt((2 * level) / steep) * scale}
          />
        ))}
      </g>
      <polyline
        points={path.map(({ x, y }) => `${screenX(x)},${screenY(y)}`).join(" ")}
        fill="none"
        stroke="var(--dh-trail)"
        strokeWidth="2"
        strokeLinejoin="round"
      />
      {path.map(({ x, y }, step) => (
        <circle key={step} cx={screenX(x)} cy={screenY(y)} r={step === 0 ? 5 : 2.5} fill="var(--dh-trail)" />
      ))}
    </svg>
  );
}

interface Place {
  readonly x: number;
  readonly y: number;
}

const scale = 72;
const screenX = (x: number): number => Math.round((300 + x * scale) * 10) / 10;
const screenY = (y: number): number => Math.round((height / 2 + y * scale) * 10) / 10;

/** Gradient descent on (flat · x² + steep · y²) / 2. */
function descend(start: Place, steps: number): Place[] {
  const places = [start];
  for (let place = start; places.length <= steps; places.push(place)) {
    place = { x: place.x * (1 - rate * flat), y: place.y * (1 - rate * steep) };
  }
  return places;
}
