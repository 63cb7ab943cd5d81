import { type CSSProperties, type JSX, useId } from "react";
import { numberText } from "./drawing/number-text.js";
import { type Control, controlsOf, type FigureDefinition, type Mark, type SliderControl } from "./figure-definition.js";
import { NumberField } from "./number-field.js";

interface FormProps<State, Settings> {
  readonly definition: FigureDefinition<State, Settings>;
  readonly settings: Settings;
  /** The state that is shown, if there is one yet. */
  readonly state: State | undefined;
  readonly change: (settings: Partial<Settings>) => void;
}

/** A field for each setting that is not set in the drawing. */
export function SettingsForm<State, Settings>(props: FormProps<State, Settings>): JSX.Element {
  return (
    <div className="settings" role="group" aria-label="Settings">
      {controlsOf(props.definition).map(([name, control]) => (
        <Field
          key={name}
          control={control}
          value={props.settings[name as keyof Settings]}
          state={props.state}
          onChange={(change) => props.change(change as Partial<Settings>)}
          name={name}
        />
      ))}
    </div>
  );
}

interface FieldProps<State> {
  readonly name: string;
  readonly control: Control<State>;
  readonly value: unknown;
  readonly state: State | undefined;
  readonly onChange: (change: Readonly<Record<string, unknown>>) => void;
}

function Field<State>({ name, control, value, state, onChange }: FieldProps<State>): JSX.Element | null {
  const clears = "clears" in control ? (control.clears ?? []) : [];
  const cleared = Object.fromEntries(clears.map((other) => [other, null]));
  const set = (next: unknown): void => onChange({ ...cleared, [name]: next });
  switch (control.kind) {
    case "slider":
      return <Slider control={control} value={value as number} state={state} onChange={set} />;
    case "number":
      return <NumberField {...control} value={value as number} onChange={set} />;
    case "seed":
      return <NumberField label="Seed" min={0} max={2 ** 32 - 1} step={1} value={value as number} onChange={set} />;
    case "choice":
      return (
        <label className="field">
          <span>{control.label}</span>
          <select value={value as string} onChange={(event) => set(event.target.value)}>
            {Object.entries(control.options).map(([option, label]) => (
              <option key={option} value={option}>
                {label}
              </option>
            ))}
          </select>
        </label>
      );
    case "switch":
      return (
        <label className="field switch">
          <input type="checkbox" checked={value as boolean} onChange={(event) => set(event.target.checked)} />
          <span>{control.label}</span>
        </label>
      );
    case "place":
    case "places":
      return null;
  }
}

interface SliderProps<State> {
  readonly control: SliderControl<State>;
  readonly value: number;
  readonly state: State | undefined;
  readonly onChange: (value: number) => void;
}

function Slider<State>({ control, value, state, onChange }: SliderProps<State>): JSX.Element {
  const { label, min, max, step } = control;
  const id = useId();
  const marks = state === undefined ? [] : (control.marks?.(state) ?? []);
  return (
    <div className="field slider">
      <label htmlFor={id}>
        {label} <output htmlFor={id}>{numberText(value)}</output>
      </label>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        onChange={(event) => onChange(event.target.valueAsNumber)}
      />
      {control.marks !== undefined && (
        <ul className="slider-marks">
          {marks.map((mark) => (
            <MarkItem key={mark.label} mark={mark} at={(mark.value - min) / (max - min)} />
          ))}
        </ul>
      )}
    </div>
  );
}

/** Words at the place on the slider, on whichever side has room; a value beyond the slider stands at its end. */
function MarkItem({ mark, at }: { readonly mark: Mark; readonly at: number }): JSX.Element {
  const place = { "--at": Math.min(1, Math.max(0, at)) } as CSSProperties;
  return (
    <li style={place} className={at > 0.5 ? "late" : "early"}>
      {mark.label} {numberText(mark.value)}
      {at > 1 && " →"}
    </li>
  );
}
