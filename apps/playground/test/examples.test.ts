/** Every `@example` of the packages and every block of their READMEs runs, and prints what its comments say. */
import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../../..");

interface Example {
  readonly file: string;
  readonly line: number;
  readonly code: string;
}

interface Outcome {
  readonly printed: string[];
  readonly error?: string;
}

/** Code after `@example`, up to the next tag or the end of the comment, or in a ts block of Markdown. */
function examplesIn(file: string): Example[] {
  const text = readFileSync(join(root, file), "utf8");
  const found = file.endsWith(".md")
    ? text.matchAll(/^```ts\n(.*?)^```/gms)
    : text.matchAll(/^ *\* @example\n((?: *\*(?! @|\/).*\n)*)/gm);
  return [...found].map((match) => ({
    file,
    line: text.slice(0, match.index).split("\n").length,
    code: file.endsWith(".md") ? match[1]! : match[1]!.replaceAll(/^ *\* ?/gm, "").replaceAll(/^```(ts)?$/gm, ""),
  }));
}

const files = globSync(["README.md", "packages/*/README.md", "packages/*/src/**/*.ts"], { cwd: root })
  .map((file) => file.replaceAll("\\", "/"))
  .sort();
const examples = files.flatMap(examplesIn);

// Names that examples use without making them, as a page about them would have them in scope.
const stage = `
import * as core from "@downhill/core";
import * as testing from "@downhill/core/testing";
import * as data from "@downhill/data";
import * as nn from "@downhill/nn";
import * as optim from "@downhill/optim";
import { inspect } from "node:util";

Object.assign(globalThis, core, testing, nn, optim, data);
const results = [];
for (const file of FILES) {
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
  const printed = [];
  console.log = (...values) => void printed.push(values.map((value) => typeof value === "string" ? value : inspect(value)).join(" "));
  try {
    await import(file);
    results.push({ printed });
  } catch (error) {
    results.push({ printed, error: String(error.stack ?? error) });
  }
}
process.stdout.write("\\u0000" + JSON.stringify(results));
process.exit(0);
`;

let outcomes: Outcome[];

beforeAll(() => {
  // Inside the workspace, so that Node finds the packages.
  const folder = mkdtempSync(join(import.meta.dirname, ".examples-"));
  try {
    const names = examples.map(({ code }, i) => {
      writeFileSync(join(folder, `${i}.ts`), `${code}\nexport {};\n`);
      return `./${i}.ts`;
    });
    writeFileSync(join(folder, "stage.mjs"), stage.replace("FILES", JSON.stringify(names)));
    const output = execFileSync(process.execPath, [join(folder, "stage.mjs")], {
      encoding: "utf8",
      maxBuffer: 2 ** 26,
      stdio: ["ignore", "pipe", "ignore"],
    });
    outcomes = JSON.parse(output.slice(output.indexOf("\u0000") + 1)) as Outcome[];
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);

/** What `console.log(...); // text` claims to print, if every call is made once and has such a comment. */
function claims(code: string): string[] {
  return [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text!);
}

describe.each(files.filter((file) => examples.some((example) => example.file === file)))("%s", (file) => {
  for (const [i, example] of examples.entries()) {
    if (example.file !== file) continue;
    it(`line ${example.line}`, () => {
      const { printed, error } = outcomes[i]!;
      expect(error, `${relative(root, join(root, file))}:${example.line}\n${example.code}`).toBeUndefined();
      const claimed = claims(example.code);
      // A comment that is a value (not prose) is what must be printed.
      if (claimed.length !== printed.length) return;
      claimed.forEach((text, k) => {
        if (/^(tensor\(|\[|-?\d|true|false|"|\{ )/.test(text)) expect(printed[k]!.replaceAll(/\s+/g, " ")).toBe(text);
      });
    });
  }
});
