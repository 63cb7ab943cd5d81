import { type JSX, useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import type { Curve } from "./curve.js";
import type { RunRecord } from "./run-record.js";

/** A curve of one run in a chart. */
export interface Series {
  readonly label: string;
  readonly curve: Curve;
  /** Which of the runs: its colour. */
  readonly color: number;
  /** Which of the chart's names: how it is dashed. */
  readonly dash: number;
}

export interface Chart {
  readonly name: string;
  readonly series: readonly Series[];
}

/** Charts of the runs: curves whose names end in the same word (`train loss`, `test loss`) share one, and so do runs. */
export function chartsOf(records: readonly RunRecord[]): Chart[] {
  const names = new Map<string, string[]>();
  for (const { curves } of records) {
    for (const [name, { x }] of curves) {
      if (x.length < 2) continue;
      const group = name.split(/[\s_.]+/).at(-1)!;
      const members = names.get(group) ?? [];
      if (!members.includes(name)) names.set(group, [...members, name]);
    }
  }
  return [...names].map(([group, members]) => ({
    name: members.length === 1 ? members[0]! : group,
    series: members.flatMap((name, dash) =>
      records.flatMap(({ id, curves }): Series[] => {
        const curve = curves.get(name);
        if (curve === undefined || curve.x.length < 2) return [];
        return [{ label: records.length > 1 ? `run ${id}: ${name}` : name, curve, color: id, dash }];
      }),
    ),
  }));
}

const dashes = [[], [6, 4], [2, 3], [10, 4, 2, 4]];
const height = 180;

/** One chart, drawn by uPlot. Under it the newest values as text. */
export function ChartView({ chart, version }: { readonly chart: Chart; readonly version: string }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(chart);
  const [log, setLog] = useState(false);
  const [theme, setTheme] = useState(0);
  const kinds = chart.series.map(({ label, curve, color }) => `${label}/${curve.kind}/${color}`).join();

  useEffect(() => {
    latest.current = chart;
  });

  useEffect(() => {
    const observer = new MutationObserver(() => setTheme((count) => count + 1));
    observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const style = getComputedStyle(element);
    const of = (name: string): string => style.getPropertyValue(name).trim();
    const axis = {
      stroke: of("--quiet"),
      grid: { stroke: of("--edge"), width: 1 },
      ticks: { show: false },
      font: "12px system-ui",
    };
    const made = new uPlot(
      {
        width: Math.max(element.clientWidth, 100),
        height,
        legend: { show: false },
        cursor: { points: { size: 6 } },
        // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- a const enum, which isolated modules cannot read
        scales: { x: { time: false }, y: log ? { distr: 3 } : {} },
        axes: [
          { ...axis, size: 28 },
          { ...axis, size: 62 },
        ],
        series: [
          {},
          ...latest.current.series.map(({ label, curve, color, dash }) => {
            const stroke = of(`--run-${((color - 1) % 6) + 1}`);
            return curve.kind === "points"
              ? { label, stroke, paths: () => null, points: { show: true, size: 4, fill: stroke } }
              : {
                  label,
                  stroke,
                  width: 1.6,
                  dash: dashes[dash % dashes.length]!,
                  points: { show: false },
                  spanGaps: true,
                };
          }),
        ],
      },
      dataOf(latest.current, log),
      element,
    );
    plot.current = made;
    const resize = new ResizeObserver(() => made.setSize({ width: Math.max(element.clientWidth, 100), height }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [kinds, log, theme]);

  useEffect(() => {
    plot.current?.setData(dataOf(latest.current, log));
  }, [version, log]);

  return (
    <figure className="chart">
      <figcaption>
        <span>{chart.name}</span>
        <label>
          <input type="checkbox" checked={log} onChange={({ target }) => setLog(target.checked)} /> log scale
        </label>
      </figcaption>
      <div ref={place} role="img" aria-label={`${chart.name}: ${chart.series.map(newest).join("; ")}`} />
      <ul className="newest">
        {chart.series.map((series) => (
          <li key={series.label} data-color={((series.color - 1) % 6) + 1}>
            {newest(series)}
          </li>
        ))}
      </ul>
    </figure>
  );
}

const newest = ({ label, curve: { x, y } }: Series): string =>
  `${label} ${Number(y.at(-1)!.toPrecision(4))} at ${Number(x.at(-1)!.toPrecision(6))}`;

/** A log axis has no place for what is not positive. */
function dataOf({ series }: Chart, log: boolean): uPlot.AlignedData {
  const tables = series.map(({ curve: { x, y, kind } }): uPlot.AlignedData => {
    const values = log ? y.map((value) => (value > 0 ? value : null)) : y;
    if (kind === "line") return [x, values];
    const order = [...x.keys()].sort((a, b) => x[a]! - x[b]!);
    return [order.map((i) => x[i]!), order.map((i) => values[i] ?? null)];
  });
  return tables.length === 1 ? tables[0]! : uPlot.join(tables);
}
