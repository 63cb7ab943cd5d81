// What the playground gives to a program, for a terminal: import it first.
import { stdin, stdout } from "node:process";
import { createInterface } from "node:readline/promises";

const round = (value: number): string => String(Number(value.toPrecision(5)));

function plot(values: unknown, x?: unknown): void {
  if (typeof values !== "object" || values === null || Object.getPrototypeOf(values) !== Object.prototype) return;
  const numbers = Object.entries(values).map(([name, value]) => `${name} ${round(Number(value))}`);
  console.log(typeof x === "number" ? `${round(x)}: ${numbers.join(", ")}` : numbers.join(", "));
}

function image(_pixels: unknown, options: { name?: string } = {}): void {
  console.log(`(a picture: ${options.name ?? "image"})`);
}

async function* progress<T>(source: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T> {
  yield* source;
}

async function ask(question: string, suggestion = ""): Promise<string> {
  if (!stdin.isTTY) return suggestion;
  const lines = createInterface({ input: stdin, output: stdout });
  const answer = await lines.question(`${question} (enter takes what is suggested): `);
  lines.close();
  return answer === "" ? suggestion : answer;
}

// A terminal has nothing to draw on.
async function* drawings(): AsyncGenerator<Float32Array> {
  yield* [];
}

Object.assign(globalThis, { plot, image, progress, ask, drawings });
