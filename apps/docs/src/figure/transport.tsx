import type { JSX } from "react";
import type { Player, Snapshot } from "./player.js";

/** Back, Step, Run or Pause, Reset, and a slider over the recorded steps. */
export function Transport<State, Settings>({
  player,
  snapshot,
}: {
  readonly player: Player<State, Settings>;
  readonly snapshot: Snapshot<State, Settings>;
}): JSX.Element {
  const { at, states, running, failure } = snapshot;
  const broken = failure !== null;
  return (
    <div className="transport" role="group" aria-label="Steps">
      <Key name="Back" off={broken || at === 0} press={() => player.back()} />
      <Key name="Step" off={broken || player.atEnd} press={() => void player.step()} />
      <Key name={running ? "Pause" : "Run"} off={broken} press={() => (running ? player.pause() : void player.run())} />
      <Key name="Reset" off={false} press={() => void player.reset()} />
      <label className="time">
        <span>
          Step <output>{at}</output>
        </span>
        <input
          type="range"
          min={0}
          max={Math.max(states.length - 1, 0)}
          value={at}
          disabled={broken || states.length < 2}
          onChange={(event) => player.go(event.target.valueAsNumber)}
        />
      </label>
    </div>
  );
}

// Said to be off rather than disabled: a disabled button drops the keyboard's focus.
function Key({
  name,
  off,
  press,
}: {
  readonly name: string;
  readonly off: boolean;
  readonly press: () => void;
}): JSX.Element {
  return (
    <button type="button" aria-disabled={off} onClick={() => void (off || press())}>
      {name}
    </button>
  );
}
