import { type JSX, useEffect, useRef } from "react";
import type { Picture } from "../runtime/event.js";

const shades = ["#12508f", "#a14c00", "#1d6a4b", "#7a2e8e", "#8a1c4a", "#555"];

/** A picture of the program, as large as fits, its pixels sharp. */
export function PictureView({ name, picture }: { readonly name: string; readonly picture: Picture }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height, rgba, points } = picture;
  // Whole pixels of the screen to a pixel of the picture, so that none is wider than its neighbour.
  const scale = Math.max(1, Math.floor(360 / Math.max(width, height)));

  useEffect(() => {
    const context = canvas.current?.getContext("2d") ?? null;
    if (context === null) return;
    const pixels = document.createElement("canvas");
    pixels.width = width;
    pixels.height = height;
    pixels.getContext("2d")!.putImageData(new ImageData(rgba, width, height), 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(pixels, 0, 0, width * scale, height * scale);
    if (points === undefined) return;
    context.lineWidth = 1;
    context.strokeStyle = "#fff";
    for (let i = 0; i < points.x.length; i++) {
      context.fillStyle = shades[points.classes[i]! % shades.length]!;
      context.beginPath();
      context.arc(points.x[i]! * width * scale, points.y[i]! * height * scale, 3, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    }
  }, [width, height, rgba, points, scale]);

  return (
    <figure className="picture">
      <canvas
        ref={canvas}
        width={width * scale}
        height={height * scale}
        role="img"
        aria-label={`${name}, ${width} by ${height} pixels`}
      />
      <figcaption>{name}</figcaption>
    </figure>
  );
}
