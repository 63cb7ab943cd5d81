import { type JSX, useState } from "react";

export interface NumberFieldProps {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: number;
  readonly onChange: (value: number) => void;
}

/** A number to type. What is being typed and is no number yet, or out of range, stays in the field and changes nothing. */
export function NumberField({ label, min, max, step, value, onChange }: NumberFieldProps): JSX.Element {
  const [draft, setDraft] = useState<string | null>(null);
  const type = (text: string): void => {
    setDraft(text);
    const number = Number(text);
    if (
      text.trim() === "" ||
      !(number >= min && number <= max) ||
      (Number.isInteger(step) && !Number.isInteger(number))
    )
      return;
    onChange(number);
  };
  return (
    <label className="field">
      <span>{label}</span>
      <input
        type="number"
        min={min}
        max={max}
        step={step}
        value={draft ?? value}
        onChange={(event) => type(event.target.value)}
        onBlur={() => setDraft(null)}
      />
    </label>
  );
}
