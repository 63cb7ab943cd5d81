import { type JSX, useId } from "react";
import { panelSize, useFrame } from "../../figure/drawing/plot.js";
import type { Point } from "../../figure/figure-definition.js";

/** Fog over everything but the ground around a point. */
export function Fog({ around }: { readonly around: Point }): JSX.Element {
  const { x, y } = useFrame();
  const id = useId();
  const clear = around.every((place) => Math.abs(place) < 1e3);
  return (
    <g aria-hidden="true">
      {clear && (
        <radialGradient id={id} gradientUnits="userSpaceOnUse" cx={x(around[0])} cy={y(around[1])} r={70}>
          <stop offset={0.35} stopColor="var(--figure-paper)" stopOpacity={0} />
          <stop offset={1} stopColor="var(--figure-paper)" stopOpacity={0.9} />
        </radialGradient>
      )}
      <rect
        width={panelSize.width}
        height={panelSize.height}
        fill={clear ? `url(#${id})` : "var(--figure-paper)"}
        fillOpacity={clear ? 1 : 0.9}
      />
    </g>
  );
}
