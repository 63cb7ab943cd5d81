import type { JSX } from "react";
import { numberText } from "../../figure/drawing/number-text.js";
import { panelSize } from "../../figure/drawing/plot.js";
import type { PanelProps } from "../../figure/figure-definition.js";
import type { State } from "./step.experiment.js";
import type { Settings } from "./step-figure.js";
import { inSymbols, meanings } from "./symbols.js";

const line = 16;
const gap = 7;

/** Each quantity of the update: what it is, its formula, and the formula with its numbers. */
export function ExplainedStep({ states, at, settings }: PanelProps<State, Settings>): JSX.Element {
  const { [settings.parameter]: explanation, update } = states[at]!;
  const letter = settings.parameter === "weight" ? "w" : "b";
  const write = (formula: string): string => inSymbols(formula, letter);
  const blocks = explanation.terms.map(({ name, formula, numbers, before, value }) => {
    const symbol = write(name);
    const result = numberText(value);
    if (formula === "") return { name, lines: [`${symbol} = `], result };
    const sign = before === null ? "=" : "←";
    return { name, lines: [`${symbol} ${sign} ${write(formula)}`, `= ${write(numbers)} = `], result };
  });
  const computed = explanation.numbers
    .filter(({ formula }) => /[/√]/.test(formula))
    .map(({ formula, value }) => `${write(formula)} = ${numberText(value)}`);

  let y = 0;
  const height =
    blocks.reduce((sum, { lines }) => sum + lines.length * line + gap, 0) + (computed.length > 0 ? line : 0);
  const scale = Math.min(1, (panelSize.height - 6) / height);
  return (
    <svg
      className="plot sums"
      viewBox={`0 0 ${panelSize.width} ${panelSize.height}`}
      role="img"
      aria-label={`Update ${update} of the ${settings.parameter}: ${blocks.map(({ lines, result }) => lines.join(" ") + result).join("; ")}`}
    >
      <g transform={`scale(${scale})`}>
        {blocks.map(({ name, lines, result }) => {
          const top = y;
          y += lines.length * line + gap;
          return (
            <g key={name} transform={`translate(4 ${top})`}>
              {lines.map((text, i) => (
                <text key={i} x={i === 0 ? 0 : 12} y={line * (i + 1) - 3} className={i === 0 ? "word" : undefined}>
                  {text}
                  {i === lines.length - 1 && <tspan className="result">{result}</tspan>}
                </text>
              ))}
              <text x={panelSize.width / scale - 8} y={line - 3} textAnchor="end" className="soft">
                {lines[0]!.length < 26 ? meanings[name] : ""}
              </text>
            </g>
          );
        })}
        {computed.length > 0 && (
          <text x={4} y={y + line - 3} className="soft">
            {`Corrections: ${computed.join(",  ")}`}
          </text>
        )}
      </g>
    </svg>
  );
}
