import type { JSX } from "react";
import {
  activations,
  batchSizes,
  type BenchSettings,
  dataSets,
  optimizers,
  rates,
  strengths,
} from "./bench-settings.js";

const keysOf = <Key extends string>(record: Readonly<Record<Key, unknown>>): Key[] => Object.keys(record) as Key[];
const mostUnits = 16;

/** What can be chosen, each with a word. */
export function BenchControls({
  settings,
  onChange,
}: {
  readonly settings: BenchSettings;
  readonly onChange: (settings: BenchSettings) => void;
}): JSX.Element {
  const { data, noise, layers, activation, optimizer, rate, batchSize, regularization, strength, seed } = settings;
  const set = (changed: Partial<BenchSettings>): void => onChange({ ...settings, ...changed });
  return (
    <form className="bench-settings" aria-label="What to train" onSubmit={(event) => event.preventDefault()}>
      <Choice
        label="Data"
        value={data}
        options={keysOf(dataSets)}
        title={(key) => dataSets[key].title}
        onChange={(chosen) => set({ data: chosen })}
      />
      <label>
        Noise: {noise}
        <input
          type="range"
          min={0}
          max={0.4}
          step={0.02}
          value={noise}
          onChange={({ target }) => set({ noise: Number(target.value) })}
        />
      </label>
      <Choice
        label="Hidden layers"
        value={layers.length}
        options={[0, 1, 2, 3]}
        onChange={(count) => set({ layers: Array.from({ length: count }, (_, i) => layers[i] ?? 4) })}
      />
      {layers.map((units, i) => (
        <Count
          key={i}
          label={`Units of layer ${i + 1}`}
          value={units}
          least={1}
          most={mostUnits}
          onChange={(chosen) => set({ layers: layers.map((other, j) => (j === i ? chosen : other)) })}
        />
      ))}
      <Choice
        label="Activation"
        value={activation}
        options={activations}
        onChange={(chosen) => set({ activation: chosen })}
      />
      <Choice
        label="Optimizer"
        value={optimizer}
        options={keysOf(optimizers)}
        title={(key) => optimizers[key].title}
        onChange={(chosen) => set({ optimizer: chosen })}
      />
      <Choice label="Learning rate" value={rate} options={rates} onChange={(chosen) => set({ rate: chosen })} />
      <Choice
        label="Batch size"
        value={batchSize}
        options={batchSizes}
        onChange={(chosen) => set({ batchSize: chosen })}
      />
      <Choice
        label="Regularisation"
        value={regularization}
        options={["none", "L1", "L2"]}
        onChange={(chosen) => set({ regularization: chosen })}
      />
      {regularization === "none" ? null : (
        <Choice
          label="Its strength"
          value={strength}
          options={strengths}
          onChange={(chosen) => set({ strength: chosen })}
        />
      )}
      <Count label="Seed" value={seed} least={0} most={9999} onChange={(chosen) => set({ seed: chosen })} />
    </form>
  );
}

function Choice<Value extends string | number>({
  label,
  value,
  options,
  title = String,
  onChange,
}: {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly Value[];
  readonly title?: (value: Value) => string;
  readonly onChange: (value: Value) => void;
}): JSX.Element {
  return (
    <label>
      {label}
      <select value={options.indexOf(value)} onChange={({ target }) => onChange(options[Number(target.value)]!)}>
        {options.map((option, i) => (
          <option key={option} value={i}>
            {title(option)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Count({
  label,
  value,
  least,
  most,
  onChange,
}: {
  readonly label: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly onChange: (value: number) => void;
}): JSX.Element {
  return (
    <label>
      {label}
      <input
        type="number"
        min={least}
        max={most}
        value={value}
        onChange={({ target }) => onChange(Math.min(Math.max(Math.round(Number(target.value)), least), most))}
      />
    </label>
  );
}
