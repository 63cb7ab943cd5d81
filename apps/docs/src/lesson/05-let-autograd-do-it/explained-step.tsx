import type { JSX } from "react";
import { numberText } from "../../figure/drawing/number-text.js";
import { panelSize } from "../../figure/drawing/plot.js";
import type { PanelProps } from "../../figure/figure-definition.js";
import type { State } from "./step.experiment.js";
import type { Settings } from "./step-figure.js";
import { inSymbols, meanings } from "./symbols.js";

const line = 17;
const gap = 7;
/** About what a letter takes. */
const letterWidth = 6.9;

/** Each quantity of the update: what it is and comes to, its formula, and the formula with its numbers. */
export function ExplainedStep({ states, at, settings }: PanelProps<State, Settings>): JSX.Element {
  const { [settings.parameter]: explanation, update } = states[at]!;
  const letter = settings.parameter === "weight" ? "w" : "b";
  const blocks = explanation.terms.map(({ name, formula, numbers, before, value }) => ({
    name,
    symbol: inSymbols(name, letter),
    meaning: meanings[name] ?? "",
    result: numberText(value),
    lines:
      formula === ""
        ? []
        : [`${before === null ? "=" : "←"} ${inSymbols(formula, letter)}`, `= ${withShortNumbers(numbers)}`],
  }));
  const corrections = explanation.numbers
    .filter(({ formula }) => /[/√]/.test(formula))
    .map(({ formula, value }) => `${inSymbols(formula, letter)} = ${numberText(value)}`);
  if (corrections.length > 0)
    blocks.push({ name: "", symbol: "", meaning: "", result: "", lines: [`with ${corrections.join(",  ")}`] });

  const tops: number[] = [];
  let height = 0;
  for (const { lines, symbol } of blocks) {
    tops.push(height);
    height += (lines.length + (symbol === "" ? 0 : 1)) * line + gap;
  }
  const texts = blocks.flatMap(({ symbol, meaning, result, lines }) => [...lines, `${symbol}  ${meaning}   ${result}`]);
  const longest = Math.max(...texts.map(({ length }) => length)) * letterWidth + 20;
  const scale = Math.min(1.15, panelSize.height / height, panelSize.width / longest);
  const told = blocks.map(({ symbol, meaning, result, lines }) => `${symbol} ${meaning} ${lines.join(" ")} ${result}`);
  return (
    <svg
      className="plot sums"
      viewBox={`0 0 ${panelSize.width} ${panelSize.height}`}
      role="img"
      aria-label={`Update ${update} of the ${settings.parameter}: ${told.join("; ")}`}
    >
      <g transform={`scale(${scale})`}>
        {blocks.map(({ name, symbol, meaning, result, lines }, i) => (
          <g key={name} transform={`translate(3 ${tops[i]!})`}>
            {symbol !== "" && (
              <text y={line - 4}>
                <tspan className="word">{symbol}</tspan>
                <tspan className="soft" dx={8}>
                  {meaning}
                </tspan>
              </text>
            )}
            <text x={panelSize.width / scale - 8} y={line - 4} textAnchor="end" className="result">
              {result}
            </text>
            {lines.map((text, k) => (
              <text
                key={k}
                x={symbol === "" ? 0 : 14}
                y={line * (k + (symbol === "" ? 1 : 2)) - 4}
                className={symbol === "" ? "soft" : undefined}
              >
                {text}
              </text>
            ))}
          </g>
        ))}
      </g>
    </svg>
  );
}

/** A formula's numbers as the page writes numbers. */
const withShortNumbers = (numbers: string): string =>
  numbers.replaceAll(/-?\d+\.\d+/g, (text) => numberText(Number(text))).replaceAll("-", "−");
