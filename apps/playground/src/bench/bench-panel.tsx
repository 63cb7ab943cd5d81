import { type JSX, useMemo, useState } from "react";
import { ChartView } from "../app/chart-view.js";
import { PictureView } from "../app/picture-view.js";
import type { Picture } from "../runtime/event.js";
import { diverging } from "../runtime/picture.js";
import { BenchControls } from "./bench-controls.js";
import { type BenchState, shownProgram, side } from "./bench-program.js";
import { type BenchSettings, firstSettings, samples } from "./bench-settings.js";
import { NetworkView } from "./network-view.js";
import { useBench } from "./use-bench.js";

/** A first look without code: choose, step, watch; and the program behind it. */
export function BenchPanel({ onShowCode }: { readonly onShowCode: (code: string) => void }): JSX.Element {
  const [settings, setSettings] = useState<BenchSettings>(firstSettings);
  const { state, steps, train, test, running, failure, advance, toggle, reset } = useBench(settings);
  const picture = useMemo(() => (state === null ? null : pictureOf(state)), [state]);
  return (
    <main className="bench">
      <BenchControls settings={settings} onChange={setSettings} />
      <section aria-label="Training">
        <div className="bar">
          <button type="button" onClick={() => advance(1)} disabled={running}>
            One mini-batch
          </button>
          <button type="button" onClick={() => advance(Math.ceil(samples / settings.batchSize))} disabled={running}>
            One epoch
          </button>
          <button type="button" className="primary" onClick={toggle}>
            {running ? "Pause" : "Run"}
          </button>
          <button type="button" onClick={reset}>
            Begin anew
          </button>
          <button type="button" onClick={() => onShowCode(shownProgram(settings))}>
            Show me the code
          </button>
        </div>
        <p className="notice" aria-live={running ? "off" : "polite"}>
          {failure ?? (state === null ? "Getting ready…" : describe(state))}
        </p>
        <div className="bench-shows">
          {picture === null ? null : <PictureView name="Which class it takes each place for" picture={picture} />}
          <NetworkView layers={settings.layers} weights={state?.weights ?? null} />
          {train.x.length < 2 ? null : (
            <ChartView
              chart={{
                name: "loss",
                series: [
                  { label: "train loss", curve: train, color: 1, dash: 0 },
                  { label: "test loss", curve: test, color: 2, dash: 1 },
                ],
              }}
              version={String(steps)}
            />
          )}
        </div>
      </section>
    </main>
  );
}

const describe = ({ epoch, batch, trainLoss, testLoss, accuracy }: BenchState): string =>
  `Epoch ${epoch}, mini-batch ${batch}: train loss ${trainLoss.toFixed(4)}, test loss ${testLoss.toFixed(4)}, ` +
  `${(100 * accuracy).toFixed(1)} % of the test points right.`;

function pictureOf({ border, points: { x, y, classes } }: BenchState): Picture {
  const rgba = new Uint8ClampedArray(4 * side * side);
  border.forEach((value, i) => rgba.set([...diverging((value + 1) / 2), 255], 4 * i));
  const points = { x: Float64Array.from(x), y: Float64Array.from(y), classes: Uint8Array.from(classes) };
  return { width: side, height: side, rgba, points };
}
