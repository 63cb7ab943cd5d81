import type { JSX } from "react";
import { numberText } from "./drawing/number-text.js";
import type { Column } from "./figure-definition.js";

/** The states' numbers, a row for each step up to the one shown. */
export function StateTable<State>({
  title,
  columns,
  states,
  at,
}: {
  readonly title: string;
  readonly columns: readonly Column<State>[];
  readonly states: readonly State[];
  readonly at: number;
}): JSX.Element {
  return (
    <div className="table-room" role="region" aria-label={`${title}: numbers`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Step</th>
            {columns.map(({ name, measured }) => (
              <th key={name} scope="col">
                {name}
                {measured === true && <span className="measured"> measured here</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {states.slice(0, at + 1).map((state, step) => (
            <tr key={step} aria-current={step === at ? "step" : undefined}>
              <th scope="row">{step}</th>
              {columns.map((column) => (
                <td key={column.name}>{cellText(column.value(state))}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What a cell shows. */
export const cellText = (value: number | string): string => (typeof value === "number" ? numberText(value) : value);
