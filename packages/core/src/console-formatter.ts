import { Tensor } from "./tensor.js";

/** What a browser's console draws: a tag, its attributes, and what is inside. */
export type JsonML = readonly [
  tag: string,
  attributes: Readonly<Record<string, string>>,
  ...children: (string | JsonML)[],
];

/** A custom formatter as browsers' developer tools call it (Chrome: Settings, Console, Custom formatters). */
export interface ConsoleFormatter {
  header(value: unknown): JsonML | null;
  hasBody(value: unknown): boolean;
  body(value: unknown): JsonML | null;
}

/** Shows tensors as PyTorch prints them, and under the triangle what else they carry. */
export const tensorFormatter: ConsoleFormatter = {
  header: (value) =>
    value instanceof Tensor ? ["div", { style: "font-family: monospace; white-space: pre" }, describe(value)] : null,
  hasBody: (value) => value instanceof Tensor,
  body(value) {
    if (!(value instanceof Tensor)) return null;
    const { shape, dtype, device, grad } = value;
    const facts = [
      `shape [${shape.join(", ")}]`,
      dtype,
      device.name,
      ...(grad === null ? [] : [`grad ${describe(grad)}`]),
    ];
    return ["div", { style: "padding-left: 1em; white-space: pre" }, facts.join("\n")];
  },
};

/** A console must never throw, nor show nothing: a tensor whose value is gone says so. */
function describe(value: Tensor): string {
  try {
    return value.toString();
  } catch (error) {
    return `tensor(shape=[${value.shape.join(", ")}]: ${error instanceof Error ? error.message : String(error)})`;
  }
}

/** Adds the formatter to a page's console, once. Does nothing where there is no page. */
export function installConsoleFormatter(page: object): void {
  if (!("document" in page)) return;
  const holder = page as { devtoolsFormatters?: ConsoleFormatter[] };
  const formatters = (holder.devtoolsFormatters ??= []);
  if (!formatters.includes(tensorFormatter)) formatters.push(tensorFormatter);
}
