import type { ComponentType } from "react";

export type Point = readonly [number, number];

interface Labelled {
  readonly label: string;
}

interface View {
  /** Only the drawing looks at it, so nothing runs again when it changes. Default: false. */
  readonly viewOnly?: boolean;
}

/** A value on a slider that the figure points at: an edge, an optimum. */
export interface Mark {
  readonly value: number;
  readonly label: string;
}

export interface SliderControl<State> extends Labelled {
  readonly kind: "slider";
  readonly start: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly marks?: (state: State) => readonly Mark[];
}

/** Whole numbers; a new seed takes back what was set by hand in the settings that it `clears`. */
export interface SeedControl {
  readonly kind: "seed";
  readonly start: number;
  readonly clears?: readonly string[];
}

export interface NumberControl extends Labelled {
  readonly kind: "number";
  readonly start: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/** One of several; another one takes back what was set by hand in the settings that it `clears`. */
export interface ChoiceControl<Value extends string> extends Labelled, View {
  readonly kind: "choice";
  readonly start: Value;
  readonly options: Readonly<Record<Value, string>>;
  readonly clears?: readonly string[];
}

export interface SwitchControl extends Labelled, View {
  readonly kind: "switch";
  readonly start: boolean;
}

/** What is set in the drawing itself: a place, or a list of them, or null while the seed decides. */
export interface PlaceControl {
  readonly kind: "place";
  readonly start: Point | null;
}

export interface PlacesControl {
  readonly kind: "places";
  readonly start: readonly Point[] | null;
}

export type Control<State = never> =
  | SliderControl<State>
  | SeedControl
  | NumberControl
  | ChoiceControl<string>
  | SwitchControl
  | PlaceControl
  | PlacesControl;

type ControlFor<Value, State> = [Value] extends [boolean]
  ? SwitchControl
  : [Value] extends [number]
    ? SliderControl<State> | SeedControl | NumberControl
    : [Value] extends [string]
      ? ChoiceControl<Value>
      : [Value] extends [Point | null]
        ? PlaceControl
        : PlacesControl;

/** One control for each setting. */
export type Controls<State, Settings> = { readonly [Name in keyof Settings]: ControlFor<Settings[Name], State> };

/** What a panel draws: the states up to `at`, of which there is at least one. Those after it are a known future. */
export interface PanelProps<State, Settings> {
  readonly states: readonly State[];
  readonly at: number;
  readonly settings: Settings;
  /** Changes settings: the experiment runs again, up to where it was. */
  readonly change: (settings: Partial<Settings>) => void;
}

export interface Panel<State, Settings> {
  readonly title: string;
  /** Draws an SVG of `panelSize`; pure, so that Node draws the picture for pages without scripts. */
  readonly Drawing: ComponentType<PanelProps<State, Settings>>;
  /** False for what is no SVG. Default: true. */
  readonly inPicture?: boolean;
}

/** A column of the table view. */
export interface Column<State> {
  readonly name: string;
  readonly value: (state: State) => number | string;
  /** Measured on the visitor's machine (time, memory in use), and so not the same twice; the page says so. Default: false. */
  readonly measured?: boolean;
}

/** A figure: an experiment, what can be set, and how its states are drawn, told and tabled. */
export interface FigureDefinition<State, Settings> {
  /** Short, kebab-case; begins the names of the page's query parameters and names the static picture. */
  readonly name: string;
  readonly title: string;
  /** The text of experiment.ts, which the page shows and runs. */
  readonly experiment: string;
  /** The same lines in PyTorch, and what it printed. */
  readonly pytorch: { readonly code: string; readonly output: string };
  readonly controls: Controls<State, Settings>;
  readonly panels: readonly Panel<State, Settings>[];
  readonly columns: readonly Column<State>[];
  /** What a state says in a sentence or two, for everyone and for screen readers. */
  readonly describe: (props: Omit<PanelProps<State, Settings>, "change">) => string;
  /** The last step that is recorded. Default: 500. */
  readonly limit?: number;
  /** Steps per second while it runs. Default: 20. */
  readonly pace?: number;
  /** The step that the static picture shows. Default: 0. */
  readonly pictureAt?: number;
  /** Whether changed settings run again up to the step shown, or begin at 0. Default: "replay". */
  readonly onChange?: "replay" | "restart";
}

/** The controls by name, for those who do not care which they are. */
export const controlsOf = <State, Settings>({
  controls,
}: Pick<FigureDefinition<State, Settings>, "controls">): [string, Control<State>][] =>
  Object.entries<Control<State>>(controls as Record<string, Control<State>>);

/** The settings that a figure starts with. */
export function startOf<State, Settings>(definition: FigureDefinition<State, Settings>): Settings {
  return Object.fromEntries(controlsOf(definition).map(([name, control]) => [name, control.start])) as Settings;
}
