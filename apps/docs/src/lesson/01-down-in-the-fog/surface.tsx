import { type JSX, type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import type { PanelProps } from "../../figure/figure-definition.js";
import type { Settings } from "./figure.js";
import type { State } from "./experiment.js";
import type { Missing, Scene, View } from "./scene.js";

const turns: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-10, 0],
  ArrowRight: [10, 0],
  ArrowUp: [0, 5],
  ArrowDown: [0, -5],
};

const turned = ({ turn, tilt }: View, by: readonly [number, number]): View => ({
  turn: (turn + by[0] + 360) % 360,
  tilt: Math.min(85, Math.max(10, tilt + by[1])),
});

/** The valley in three dimensions, to turn by dragging or with the arrow keys. Without WebGL, a word instead. */
export function Surface({ states, at, settings }: PanelProps<State, Settings>): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [scene, setScene] = useState<Scene | null>(null);
  const [missing, setMissing] = useState<Missing | null>(null);
  const [patient, setPatient] = useState(false);
  const [view, setView] = useState<View>({ turn: 340, tilt: 48 });
  const grabbed = useRef<readonly [number, number] | null>(null);

  useEffect(() => {
    let gone = false;
    let opened: Scene | null = null;
    void import("./scene.js").then(({ openScene }) => {
      if (gone) return;
      const result = openScene(canvas.current!, { slow: patient });
      if (typeof result === "string") return setMissing(result);
      opened = result;
      setScene(result);
    });
    return () => {
      gone = true;
      opened?.close();
    };
  }, [patient]);

  const { land } = states[0]!;
  useEffect(() => {
    if (land !== null) scene?.setLand(land);
  }, [scene, land]);
  useEffect(() => {
    const walk = states.slice(0, at + 1).map(({ place, height }) => ({ place, height }));
    scene?.draw(walk, view, settings.fog);
  }, [scene, states, at, view, settings.fog]);

  const drag = ({ clientX, clientY }: PointerEvent): void => {
    if (grabbed.current === null) return;
    const [x, y] = grabbed.current;
    grabbed.current = [clientX, clientY];
    setView((before) => turned(before, [(x - clientX) / 2, (clientY - y) / 2]));
  };
  const press = (event: KeyboardEvent): void => {
    const by = turns[event.key];
    if (by === undefined) return;
    event.preventDefault();
    setView((before) => turned(before, by));
  };
  if (missing === "none") return <p className="no-surface">This browser has no WebGL, so the valley stays a map.</p>;
  if (missing === "slow" && !patient)
    return (
      <div className="no-surface">
        <p>Without a graphics card the valley in three dimensions is slow to draw.</p>
        <button type="button" onClick={() => setPatient(true)}>
          Draw it all the same
        </button>
      </div>
    );
  return (
    <canvas
      ref={canvas}
      className="surface"
      tabIndex={0}
      role="slider"
      aria-label="The valley in three dimensions, turn with the arrow keys"
      aria-valuemin={0}
      aria-valuemax={360}
      aria-valuenow={Math.round(view.turn)}
      aria-valuetext={`turned ${Math.round(view.turn)} degrees, seen from ${Math.round(view.tilt)} degrees above`}
      onKeyDown={press}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        grabbed.current = [event.clientX, event.clientY];
      }}
      onPointerMove={drag}
      onPointerUp={() => (grabbed.current = null)}
      onPointerCancel={() => (grabbed.current = null)}
    />
  );
}
