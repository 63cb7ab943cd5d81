import type { ExplainedKernel, ExplainedProgram } from "@downhill/core";
import type { JSX } from "react";
import type { RunRecord } from "./run-record.js";

/** What the engine makes of the program: memory, steps per second, and the kernels that its lines became. */
export function EngineDrawer({ record }: { readonly record: RunRecord | null }): JSX.Element {
  const engine = record?.engine ?? null;
  if (engine === null) return <p className="quiet">Run a program to see what the engine makes of it.</p>;
  const { memory, programs, stepsPerSecond, device } = engine;
  const [busiest] = programs;
  return (
    <>
      <dl className="facts">
        <Fact name="Device" value={device} />
        <Fact name="Memory in use" value={bytes(memory.live)} />
        <Fact name="At most" value={bytes(memory.peak)} />
        <Fact name="Steps per second" value={count(stepsPerSecond)} />
        <Fact name="Kernels per step" value={String(busiest?.kernels.length ?? 0)} />
        <Fact name="Programs" value={String(programs.length)} />
      </dl>
      {programs.map((program, i) => (
        <ProgramView key={i} program={program} isOpen={i === 0} />
      ))}
    </>
  );
}

const Fact = ({ name, value }: { readonly name: string; readonly value: string }): JSX.Element => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);

function ProgramView({
  program,
  isOpen,
}: {
  readonly program: ExplainedProgram;
  readonly isOpen: boolean;
}): JSX.Element {
  const { nodes, kernels, runs, replays, tier, arenaBytes } = program;
  return (
    <details className="program" open={isOpen}>
      <summary>
        {plural(nodes, "op")} in {plural(kernels.length, "kernel")}, run {plural(runs, "time")}
        {replays > 0 ? `, ${count(replays)} of them replayed` : ""}, {tier}
        {arenaBytes > 0 ? `, arena ${bytes(arenaBytes)}` : ""}
      </summary>
      <ol>
        {kernels.map((kernel, i) => (
          <li key={i}>
            <KernelView kernel={kernel} />
          </li>
        ))}
      </ol>
    </details>
  );
}

const KernelView = ({
  kernel: { kind, loops, ops, operations, reads, writes },
}: {
  readonly kernel: ExplainedKernel;
}): JSX.Element => (
  <>
    <strong>{kind}</strong>{" "}
    {loops.map(({ size, reduces }) => (reduces ? `over ${size}` : String(size))).join(" × ") || "1"}:{" "}
    <code>{ops.join(" → ")}</code>
    <span className="quiet">
      {" "}
      {plural(operations, "operation")}; reads {reads.map(({ name }) => name).join(", ") || "nothing"}; writes{" "}
      {writes.map(({ name }) => name).join(", ") || "nothing"}
    </span>
  </>
);

const count = (value: number): string => Math.round(value).toLocaleString("en");
const plural = (value: number, what: string): string => `${count(value)} ${what}${value === 1 ? "" : "s"}`;

function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  return value < 1024 ** 2 ? `${(value / 1024).toFixed(1)} kB` : `${(value / 1024 ** 2).toFixed(1)} MB`;
}
