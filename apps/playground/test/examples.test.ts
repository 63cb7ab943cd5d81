/** Every `@example` of the packages and every block of their READMEs and of the site runs, and prints what its comments say. */
import { spawn } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../../..");

interface Example {
  readonly file: string;
  readonly line: number;
  readonly code: string;
}

/** What one example did: by line, what stood there each time it ran; and how it failed. */
interface Outcome {
  readonly noted: Readonly<Record<number, string[]>>;
  readonly error?: string;
}

interface Claim {
  /** Counted from 0 within the example. */
  readonly line: number;
  readonly statement: string;
  readonly value: string;
}

/** Code after `@example`, up to the next tag or the end of the comment, or in a ts block of Markdown. */
function examplesIn(file: string): Example[] {
  const text = readFileSync(join(root, file), "utf8");
  const isMarkdown = /\.mdx?$/.test(file);
  const found = isMarkdown
    ? text.matchAll(/^```ts\n(.*?)^```/gms)
    : text.matchAll(/^ *\* @example\n((?: *\*(?! @|\/).*\n)*)/gm);
  return [...found].map((match) => ({
    file,
    line: text.slice(0, match.index).split("\n").length,
    code: isMarkdown ? match[1]! : match[1]!.replaceAll(/^ *\* ?/gm, "").replaceAll(/^```(ts)?$/gm, ""),
  }));
}

/** The lines `statement; // value`. Any other comment is prose. */
function claimsOf(code: string): Claim[] {
  return code.split("\n").flatMap((text, line) => {
    const match = /^(.*); \/\/ ((?:tensor\(|\[|-?\d|(?:true|false)\b|["']|\{ ).*)$/.exec(text);
    return match === null ? [] : [{ line, statement: match[1]!, value: match[2]! }];
  });
}

/** The statement, made to note the value that its comment is about: what it prints, declares or evaluates to. */
function noting({ line, statement }: Claim): string {
  const print = /^(.*?)\bconsole\.log\((.*)\)$/.exec(statement);
  if (print !== null) return `${print[1]!}notePrinted(${line}, [${print[2]!}]);`;
  const declaration = /^\s*(?:const|let) (?:\[([\w, ]+)\]|(\w+)) = /.exec(statement);
  if (declaration !== null) return `${statement}; note(${line}, [${declaration[1] ?? declaration[2]!}]);`;
  return `note(${line}, [await (${statement.trim()})]);`;
}

function instrument(code: string): string {
  const lines = code.split("\n");
  for (const claim of claimsOf(code)) lines[claim.line] = noting(claim);
  return lines.join("\n");
}

/** Text with what the layout of arrays decides taken out: line breaks, padding, the kind of quotes. */
function normalized(text: string): string {
  return text
    .replaceAll(/\s+/g, " ")
    .replaceAll(/(?<=[[({]) | (?=[\])}])/g, "")
    .replaceAll("'", '"');
}

const sources = [
  "README.md",
  "packages/*/README.md",
  "packages/*/src/**/*.ts",
  "apps/docs/docs/{guides,lesson}/*.{md,mdx}",
];
const files = globSync(sources, { cwd: root })
  .map((file) => file.replaceAll("\\", "/"))
  .sort();
const examples = files.flatMap(examplesIn);

// Names that examples use without making them, as a page about them would have them in scope.
const stage = `
import * as core from "@downhill/core";
import * as files from "@downhill/core/files";
import * as testing from "@downhill/core/testing";
import * as data from "@downhill/data";
import * as nn from "@downhill/nn";
import * as optim from "@downhill/optim";
import * as webgpu from "@downhill/webgpu";
import { writeSync } from "node:fs";
import { inspect } from "node:util";

Object.assign(globalThis, core, files, testing, nn, optim, data, webgpu);
console.log = () => {};
let noted;
const add = (line, text) => void (noted[line] ??= []).push(text);
globalThis.note = (line, values) => add(line, values.map((value) => inspect(value)).join(", "));
globalThis.notePrinted = (line, values) =>
  add(line, values.map((value) => typeof value === "string" ? value : inspect(value)).join(" "));
// A line for each outcome, so that what ends the process takes only its own example with it.
const report = (outcome) => writeSync(3, JSON.stringify(outcome) + "\\n");
for (const file of process.argv.slice(2)) {
  core.manualSeed(0);
  core.setGradEnabled(true);
  core.setDefaultDevice("cpu");
  core.setPrintOptions({ profile: "default" });
  const model = new nn.Sequential(new nn.Linear(4, 3));
  const x = core.randn([5, 4]);
  const labels = core.tensor([0, 2, 1, 1, 0], { dtype: "int32" });
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
  const dataset = new data.TensorDataset(x, labels);
  const loader = new data.DataLoader(dataset, { batchSize: 2 });
  Object.assign(globalThis, { model, x, labels, optimizer, dataset, loader, criterion: new nn.CrossEntropyLoss() });
  noted = {};
  try {
    await import(file);
    report({ noted });
  } catch (error) {
    report({ noted, error: String(error.stack ?? error) });
  }
}
process.exit(0);
`;

/** Has WebGPU run on the software driver that Debian's chromium brings, if it is there: the same on all machines. */
const driver = "/usr/lib/chromium/vk_swiftshader_icd.json";
const softwareGpu = existsSync(driver) ? { VK_DRIVER_FILES: driver, XDG_RUNTIME_DIR: tmpdir() } : {};

let outcomes: Outcome[];

/** Runs examples one after the other in a process of their own; gives what they did, as far as it came. */
function runExamples(folder: string, names: readonly string[]): Promise<{ done: Outcome[]; end: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(folder, "stage.mjs"), ...names], {
      cwd: folder, // where examples save what they save
      env: { ...softwareGpu, ...process.env },
      stdio: ["ignore", "ignore", "pipe", "pipe"],
    });
    let reported = "";
    let errors = "";
    child.stdio[3]!.on("data", (text: Buffer) => (reported += text.toString("latin1")));
    child.stderr!.on("data", (text: Buffer) => (errors += text.toString()));
    child.once("error", reject);
    child.once("close", (code, signal) => {
      const lines = Buffer.from(reported, "latin1").toString().split("\n").slice(0, -1);
      const done = lines.map((line) => JSON.parse(line) as Outcome);
      resolve({ done, end: `the process ended with ${signal ?? `code ${code}`}\n${errors}` });
    });
  });
}

beforeAll(async () => {
  // Inside the workspace, so that Node finds the packages.
  const folder = mkdtempSync(join(import.meta.dirname, ".examples-"));
  try {
    const names = examples.map(({ code }, i) => {
      writeFileSync(join(folder, `${i}.ts`), `${instrument(code)}\nexport {};\n`);
      return `./${i}.ts`;
    });
    writeFileSync(join(folder, "stage.mjs"), stage);
    outcomes = [];
    while (outcomes.length < names.length) {
      const { done, end } = await runExamples(folder, names.slice(outcomes.length));
      outcomes.push(...done);
      if (outcomes.length < names.length) outcomes.push({ noted: {}, error: end });
    }
  } finally {
    rmSync(folder, { recursive: true, maxRetries: 3 });
  }
}, 300_000);

describe.each(files.filter((file) => examples.some((example) => example.file === file)))("%s", (file) => {
  for (const [i, example] of examples.entries()) {
    if (example.file !== file) continue;
    it(`line ${example.line}`, () => {
      const { noted, error } = outcomes[i]!;
      expect(error, `${file}:${example.line}\n${example.code}`).toBeUndefined();
      for (const { line, statement, value } of claimsOf(example.code)) {
        // In a loop the comment is about every turn.
        const values = new Set(noted[line]?.map(normalized));
        expect([...values], statement.trim()).toEqual([normalized(value)]);
      }
    });
  }
});
