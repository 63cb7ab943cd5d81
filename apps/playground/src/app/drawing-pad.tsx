import { type JSX, type KeyboardEvent, type PointerEvent, useRef, useState } from "react";

const side = 252;
const pen = 18;

/** A square to draw on with mouse, finger or pen; with the keyboard, arrows move the pen and space sets it down. */
export function DrawingPad({
  size,
  onDraw,
}: {
  readonly size: number;
  /** Receives size × size values from 0 to 1. */
  readonly onDraw: (pixels: Float32Array) => void;
}): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const last = useRef<readonly [x: number, y: number] | null>(null);
  const [pencil, setPencil] = useState({ x: side / 2, y: side / 4, isDown: false, isShown: false });

  const draw = (x: number, y: number): void => {
    const context = canvas.current!.getContext("2d")!;
    const [fromX, fromY] = last.current ?? [x, y];
    context.strokeStyle = "#fff";
    context.lineWidth = pen;
    context.lineCap = "round";
    context.beginPath();
    context.moveTo(fromX, fromY);
    context.lineTo(x, y);
    context.stroke();
    last.current = [x, y];
    onDraw(pixelsOf(canvas.current!, size));
  };

  const place = ({ clientX, clientY, currentTarget }: PointerEvent<HTMLCanvasElement>): [number, number] => {
    const box = currentTarget.getBoundingClientRect();
    return [((clientX - box.left) * side) / box.width, ((clientY - box.top) * side) / box.height];
  };

  const clear = (): void => {
    canvas.current!.getContext("2d")!.clearRect(0, 0, side, side);
    last.current = null;
  };

  const onKey = (event: KeyboardEvent): void => {
    const moves: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }; // prettier-ignore
    const move = moves[event.key];
    if (move === undefined && event.key !== " ") return;
    event.preventDefault();
    const isDown = event.key === " " ? !pencil.isDown : pencil.isDown;
    const inside = (value: number): number => Math.min(Math.max(value, 0), side);
    const x = inside(pencil.x + 9 * (move?.[0] ?? 0));
    const y = inside(pencil.y + 9 * (move?.[1] ?? 0));
    setPencil({ x, y, isDown, isShown: true });
    if (isDown) draw(x, y);
    else last.current = null;
  };

  return (
    <div className="pad">
      <p id="pad-help">Draw here. With the keyboard: arrows move, space sets the pen down and lifts it.</p>
      <div className="pad-square">
        <canvas
          ref={canvas}
          width={side}
          height={side}
          tabIndex={0}
          role="application"
          aria-label="Drawing pad"
          aria-describedby="pad-help"
          onKeyDown={onKey}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            last.current = null;
            draw(...place(event));
          }}
          onPointerMove={(event) => {
            if (event.buttons !== 0) draw(...place(event));
          }}
          onPointerUp={() => (last.current = null)}
        />
        {pencil.isShown ? (
          <span
            className={pencil.isDown ? "pencil pencil-down" : "pencil"}
            style={{ left: `${(100 * pencil.x) / side}%`, top: `${(100 * pencil.y) / side}%` }}
          />
        ) : null}
      </div>
      <button type="button" onClick={clear}>
        Clear
      </button>
    </div>
  );
}

/** The drawing in size × size pixels: how much ink lies in each. */
function pixelsOf(canvas: HTMLCanvasElement, size: number): Float32Array {
  const { data } = canvas.getContext("2d")!.getImageData(0, 0, side, side);
  const sums = new Float32Array(size * size);
  const counts = new Float32Array(size * size);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const place = Math.floor((y * size) / side) * size + Math.floor((x * size) / side);
      sums[place]! += data[4 * (y * side + x) + 3]! / 255;
      counts[place]!++;
    }
  }
  return sums.map((sum, i) => sum / Math.max(counts[i]!, 1));
}
