import { type Control, controlsOf, type FigureDefinition, type Point } from "./figure-definition.js";

// A figure's settings and step as query parameters that begin with its name: ?fog.rate=0.0015&fog.start=-1.2_1&fog.at=40.
// What equals its start is left out; what cannot be read is the start.

type Figure<State, Settings> = Pick<FigureDefinition<State, Settings>, "name" | "controls">;

export interface Restored<Settings> {
  readonly settings: Partial<Settings>;
  readonly at: number;
}

const write = (value: unknown): string =>
  !Array.isArray(value) ? String(value) : value.map(write).join(Array.isArray(value[0]) ? "*" : "_");

function readPoint(text: string): Point | undefined {
  const [x, y, more] = text.split("_").map(Number);
  return Number.isFinite(x) && Number.isFinite(y) && more === undefined ? [x!, y!] : undefined;
}

function readNumber(text: string, min: number, max: number): number | undefined {
  const value = Number(text);
  return text !== "" && value >= min && value <= max ? value : undefined;
}

function read<State>(control: Control<State>, text: string): unknown {
  switch (control.kind) {
    case "slider":
    case "number":
      return readNumber(text, control.min, control.max);
    case "seed": {
      const seed = readNumber(text, 0, 2 ** 32 - 1);
      return Number.isInteger(seed) ? seed : undefined;
    }
    case "switch":
      return text === "true" || (text === "false" ? false : undefined);
    case "choice":
      return Object.hasOwn(control.options, text) ? text : undefined;
    case "place":
      return readPoint(text);
    case "places": {
      const points = text.split("*").map(readPoint);
      return points.includes(undefined) ? undefined : points;
    }
  }
}

/** The settings and the step that a query names. */
export function restore<State, Settings>(figure: Figure<State, Settings>, query: string): Restored<Settings> {
  const parameters = new URLSearchParams(query);
  const settings: Record<string, unknown> = {};
  for (const [name, control] of controlsOf(figure)) {
    const text = parameters.get(`${figure.name}.${name}`);
    const value = text === null ? undefined : read(control, text);
    if (value !== undefined) settings[name] = value;
  }
  const at = readNumber(parameters.get(`${figure.name}.at`) ?? "", 0, 1e6) ?? 0;
  return { settings: settings as Partial<Settings>, at: Math.floor(at) };
}

/** The query with this figure's parameters replaced; other figures' stay. */
export function store<State, Settings>(
  figure: Figure<State, Settings>,
  query: string,
  settings: Settings,
  at: number,
): string {
  const parameters = new URLSearchParams(query);
  const put = (name: string, value: unknown, start: unknown): void => {
    const key = `${figure.name}.${name}`;
    if (write(value) === write(start)) parameters.delete(key);
    else parameters.set(key, write(value));
  };
  for (const [name, control] of controlsOf(figure)) put(name, settings[name as keyof Settings], control.start);
  put("at", at, 0);
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}
