import type { Extension } from "@codemirror/state";
import { type JSX, useCallback, useEffect, useState } from "react";
import { BenchPanel } from "../bench/bench-panel.js";
import { CodeEditor } from "../editor/code-editor.js";
import { type Preset, presets } from "../presets/preset.js";
import type { Fault } from "../runtime/fault.js";
import type { DeviceName } from "../runtime/message.js";
import { programIn } from "../share/link.js";
import { chartsOf, ChartView } from "./chart-view.js";
import { ConsoleView } from "./console-view.js";
import { EngineDrawer } from "./engine-drawer.js";
import { PictureView } from "./picture-view.js";
import { ProgramMenu } from "./program-menu.js";
import { ProgressView } from "./progress-view.js";
import { QuestionView } from "./question-view.js";
import { RunList } from "./run-list.js";
import { ShareMenu } from "./share-menu.js";
import { ThemeButton } from "./theme-button.js";
import { useRuns } from "./use-runs.js";
import { useWebGpu } from "./use-web-gpu.js";

const fromLink = "This program came with a link. Read it, then press Run: it does nothing by itself.";

/** The playground: a program, what it does, and beside it a bench for those who want to see before they write. */
export function App(): JSX.Element {
  const [linked] = useState(() => programIn(location.hash));
  const [view, setView] = useState<"program" | "bench">(location.hash === "#bench" ? "bench" : "program");
  const [title, setTitle] = useState(linked === null ? presets[2]!.title : "From a link");
  const [text, setText] = useState(linked ?? presets[2]!.text);
  const [notice, setNotice] = useState(linked === null ? presets[2]!.about : fromLink);
  const [device, setDevice] = useState<DeviceName>("cpu");
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const webGpu = useWebGpu();
  const runs = useRuns();
  const { records, running } = runs;
  const record = records.at(-1) ?? null;

  useEffect(() => {
    const open = (): void => {
      const program = programIn(location.hash);
      if (program === null) return;
      setText(program);
      setTitle("From a link");
      setNotice(fromLink);
      setView("program");
    };
    addEventListener("hashchange", open);
    return () => removeEventListener("hashchange", open);
  }, []);

  const run = useCallback(() => {
    setNotice("");
    runs.run(text, title, device);
  }, [runs, text, title, device]);

  const choose = (program: Pick<Preset, "title" | "text"> & { readonly about?: string }): void => {
    setTitle(program.title);
    setText(program.text);
    setNotice(program.about ?? "");
    setView("program");
  };

  const goTo = useCallback(({ line }: Fault): void => {
    const content = document.querySelector<HTMLElement>(".program-pane .cm-content, .program-pane .editor-waiting");
    content?.focus();
    document.querySelector(".program-pane .editor-fault")?.scrollIntoView({ block: "center" });
    setNotice(`Line ${line ?? 1} is marked.`);
  }, []);

  const overlaid = records.filter(({ id }) => !hidden.has(id));
  const charts = chartsOf(overlaid);
  const version = overlaid.map((each) => each.version).join();

  return (
    <>
      <header className="top">
        <h1>
          Downhill <span>playground</span>
        </h1>
        <nav aria-label="Ways to play">
          <button type="button" aria-pressed={view === "program"} onClick={() => setView("program")}>
            Program
          </button>
          <button type="button" aria-pressed={view === "bench"} onClick={() => setView("bench")}>
            Without code
          </button>
        </nav>
        <ThemeButton />
      </header>
      {view === "bench" ? (
        <BenchPanel
          onShowCode={(code) => choose({ title: "From the bench", text: code, about: "The bench's very program." })}
        />
      ) : (
        <main className="program-view">
          <section className="program-pane" aria-label="Program">
            <div className="bar">
              <ProgramMenu title={title} text={text} onChoose={choose} />
              <ShareMenu text={text} onDone={setNotice} />
            </div>
            <CodeEditor
              label="Program"
              value={text}
              onChange={setText}
              onRun={run}
              mark={record?.mark ?? null}
              eager
              extensions={assistance}
            />
            <div className="bar">
              {running === null ? (
                <button type="button" className="primary" onClick={run}>
                  Run <kbd>Ctrl ⏎</kbd>
                </button>
              ) : (
                <button type="button" className="primary stop" onClick={runs.stop}>
                  Stop
                </button>
              )}
              <label>
                on{" "}
                <select
                  aria-label="Device"
                  value={device}
                  onChange={({ target }) => setDevice(target.value as DeviceName)}
                >
                  <option value="cpu">CPU</option>
                  <option value="webgpu" disabled={webGpu.type !== "available"}>
                    WebGPU
                  </option>
                </select>
              </label>
              {webGpu.type === "missing" ? <span className="quiet">{webGpu.why}</span> : null}
            </div>
            <p className="notice" aria-live="polite">
              {running !== null ? `Run ${running.id} is running.` : notice || endingOf(record?.outcome?.type)}
            </p>
          </section>
          <section className="result-pane" aria-label="What it does">
            <RunList records={records} running={running} hidden={hidden} onHide={setHidden} onForget={runs.forget} />
            {record === null ? null : <ProgressView record={record} />}
            {record !== null && record.question !== null && running === record ? (
              <QuestionView question={record.question} onAnswer={(value) => runs.answer(record, value)} />
            ) : null}
            <div className="pictures">
              {record === null
                ? null
                : [...record.images].map(([name, picture]) => <PictureView key={name} name={name} picture={picture} />)}
            </div>
            <ConsoleView record={record} onGoTo={goTo} />
            {charts.map((chart) => (
              <ChartView key={chart.name} chart={chart} version={version} />
            ))}
            <details className="drawer">
              <summary>What the engine does</summary>
              <EngineDrawer record={record} />
            </details>
          </section>
        </main>
      )}
    </>
  );
}

const assistance = (): Promise<readonly Extension[]> =>
  import("../assist/assistance.js").then(({ assistance }) => assistance());

function endingOf(type: "finished" | "stopped" | "failed" | undefined): string {
  return type === "finished" ? "Finished." : type === "stopped" ? "Stopped." : type === "failed" ? "It failed." : "";
}
