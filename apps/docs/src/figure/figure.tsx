import CodeBlock from "@theme/CodeBlock";
import { type JSX, useCallback, useEffect, useId, useRef, useState } from "react";
import { CodePane } from "./code-pane.js";
import { panelSize } from "./drawing/plot.js";
import type { FigureDefinition } from "./figure-definition.js";
import "./figure.css";
import "./drawing/drawing.css";
import { playgroundProgram } from "./playground-program.js";
import type { Snapshot } from "./player.js";
import { SettingsForm } from "./settings-form.js";
import { StateTable } from "./state-table.js";
import { Tabs } from "./tabs.js";
import { Transport } from "./transport.js";
import { usePlayer, useStart } from "./use-player.js";

/** An experiment on a page: drawn, stepped, set, and shown as the code that runs. */
export function Figure<State, Settings>({
  of: definition,
}: {
  readonly of: FigureDefinition<State, Settings>;
}): JSX.Element {
  const { name, title, panels, columns, describe, pytorch } = definition;
  const [player, snapshot] = usePlayer(definition);
  const element = useRef<HTMLElement>(null);
  const heading = useId();
  useStart(definition, player, element);

  const { states, at, settings, failure } = snapshot;
  const change = useCallback((settings: Partial<Settings>) => void player.set(settings), [player]);
  const ready = states.length > 0;
  const { width, height } = panelSize;
  return (
    <figure className="experiment" data-figure={name} aria-labelledby={heading} aria-busy={!ready} ref={element}>
      <figcaption id={heading}>{title}</figcaption>
      <noscript>
        <img src={`/figures/${name}.svg`} alt={`${title}, as it looks after some steps`} />
      </noscript>
      <div className="panels">
        {panels.map((panel) => (
          <div key={panel.title} className="panel" style={{ aspectRatio: `${width} / ${height}` }}>
            {ready && <panel.Drawing states={states} at={at} settings={settings} change={change} />}
          </div>
        ))}
      </div>
      <Story snapshot={snapshot} describe={describe} />
      {columns.some(({ measured }) => measured) && (
        <p className="measured">
          Times and memory in use are measured on your machine as it steps: they are not the same twice.
        </p>
      )}
      <Transport player={player} snapshot={snapshot} />
      <SettingsForm definition={definition} settings={settings} state={states[at]} change={change} />
      <Tabs
        label={`${title}: views`}
        tabs={[
          {
            title: "TypeScript",
            content: () => (
              <CodePane
                label={`${title}: the experiment in TypeScript`}
                text={snapshot.text}
                original={definition.experiment}
                failure={failure}
                runName="Run this code"
                onRun={(text) => void player.edit(text)}
                programOf={(text) => playgroundProgram(definition, text, settings)}
              />
            ),
          },
          { title: "PyTorch", content: () => <CodeBlock language="python">{pytorch.code}</CodeBlock> },
          { title: "PyTorch’s output", content: () => <CodeBlock language="text">{pytorch.output}</CodeBlock> },
          {
            title: "Table",
            content: () => <StateTable title={title} columns={columns} states={states} at={at} />,
          },
        ]}
      />
    </figure>
  );
}

/** The state in words. While it runs they change too fast to be read out; they are when it rests. */
function Story<State, Settings>({
  snapshot,
  describe,
}: {
  readonly snapshot: Snapshot<State, Settings>;
  readonly describe: FigureDefinition<State, Settings>["describe"];
}): JSX.Element {
  const { states, at, settings, running, failure } = snapshot;
  const shown = failure !== null ? `This code does not run: ${failure.message}` : tell();
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (running) return undefined;
    const timer = setTimeout(() => setSaid(shown), 300);
    return () => clearTimeout(timer);
  }, [shown, running]);
  function tell(): string {
    return states.length === 0 ? "" : `Step ${at}. ${describe({ states, at, settings })}`;
  }
  return (
    <>
      <p className={failure === null ? "story" : "story failed"} aria-hidden="true">
        {shown}
      </p>
      <p className="only-heard" aria-live="polite">
        {said}
      </p>
    </>
  );
}
