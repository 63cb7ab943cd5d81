/** What the editor asks the worker that knows TypeScript. Positions are places in the text. */
export type Question =
  | { readonly type: "check"; readonly text: string }
  | { readonly type: "complete"; readonly text: string; readonly position: number }
  | { readonly type: "explain"; readonly text: string; readonly position: number };

export interface Problem {
  readonly from: number;
  readonly to: number;
  readonly message: string;
  readonly severity: "error" | "warning" | "info";
}

export interface Proposal {
  readonly label: string;
  readonly type: string;
  /** Better ones have lower texts. */
  readonly order: string;
}

export interface Meaning {
  readonly from: number;
  readonly to: number;
  /** The type, as TypeScript writes it. */
  readonly type: string;
  readonly documentation: string;
}

export interface Answers {
  readonly check: readonly Problem[];
  readonly complete: readonly Proposal[];
  readonly explain: Meaning | null;
}
