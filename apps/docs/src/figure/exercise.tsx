import { type JSX, type ReactNode, useState } from "react";
import { CodePane } from "./code-pane.js";
import "./drawing/drawing.css";
import "./figure.css";
import type { Failure } from "./player.js";

interface Verdict {
  readonly ok: boolean;
  readonly message: string;
  readonly fault?: Failure;
}

/** Code to complete, which a check looks at. Both are texts: what is checked is what is written. */
export function Exercise({
  title,
  start,
  check,
  children,
}: {
  readonly title: string;
  /** The code to begin with. */
  readonly start: string;
  /** A module that exports `check(user)`, which says `{ ok, message }` about the exports of the code. */
  readonly check: string;
  /** What is to be done. */
  readonly children: ReactNode;
}): JSX.Element {
  const [checking, setChecking] = useState(false);
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const run = async (code: string): Promise<void> => {
    if (checking) return;
    setChecking(true);
    try {
      const { checkExercise } = await import("playground/embed");
      setVerdict(await checkExercise(code, check));
    } catch (error) {
      setVerdict({ ok: false, message: error instanceof Error ? error.message : String(error) });
    }
    setChecking(false);
  };
  return (
    <section className="exercise" aria-label={`Exercise: ${title}`}>
      <p className="exercise-title">{title}</p>
      {children}
      <CodePane
        label={`${title}: your code`}
        text={start}
        original={start}
        failure={verdict?.fault ?? null}
        runName="Check"
        onRun={(code) => void run(code)}
      />
      <p className={`verdict ${verdict?.ok === true ? "accepted" : "refused"}`} role="status">
        {checking && "Checking …"}
        {!checking && verdict !== null && `${verdict.ok ? "Right." : "Not yet."} ${verdict.message}`}
      </p>
    </section>
  );
}
