import type { CurveKind } from "../runtime/event.js";

/** A curve that grows. Of many points every second, fourth, … is kept, so that a long run draws as fast as a short one. */
export interface Curve {
  x: number[];
  y: number[];
  readonly kind: CurveKind;
  stride: number;
  /** Points that came, kept or not. */
  seen: number;
}

const most = 4000;

export function addPoint(curve: Curve, y: number, x: number = curve.seen + 1): void {
  if (curve.seen++ % curve.stride !== 0) return;
  curve.x.push(x);
  curve.y.push(y);
  if (curve.x.length < most) return;
  curve.x = curve.x.filter((_, i) => i % 2 === 0);
  curve.y = curve.y.filter((_, i) => i % 2 === 0);
  curve.stride *= 2;
}
