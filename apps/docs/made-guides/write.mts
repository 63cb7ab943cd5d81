/** Writes the guides that have their source elsewhere: benchmarks, changelog, and the pictures of the engine. */
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { explain, manualSeed, rand, randn, type ExplainedProgram } from "@downhill/core";
import { Linear, MSELoss } from "@downhill/nn";
import { SGD } from "@downhill/optim";
import { drawProgram } from "./draw-program.mts";

const docs = join(import.meta.dirname, "..");
const root = join(docs, "../..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");

function guide(name: string, title: string, position: number, description: string, body: string): void {
  const front = `---\ntitle: ${title}\nsidebar_position: ${position}\ndescription: ${description}\ncustom_edit_url: null\n---\n`;
  writeFileSync(join(docs, "docs/guides", name), `${front}\n${body.trim()}\n`);
}

/** A section of a README, from its heading to the next one of the same level. */
function section(text: string, heading: string): string {
  const [, after = ""] = text.split(`\n## ${heading}\n`);
  return after.split("\n## ")[0]!.trim();
}

const bench = read("apps/bench/README.md");
guide(
  "benchmarks.md",
  "Benchmarks",
  14,
  "The same work on Downhill, PyTorch, jax-js and TensorFlow.js, as measured.",
  [
    "`npm run bench` does the same work on Downhill and its peers, in one run and in turns, so that what disturbs the machine disturbs all of them alike. The text is that of [the bench itself](https://github.com/downhill-js/downhill/tree/main/apps/bench), where you also read how it measures.",
    "## On the CPU",
    section(bench, "Measured"),
    "## On WebGPU",
    section(bench, "On WebGPU").split("### Measured, without a GPU\n")[1] ?? "",
    "## What a page loads",
    section(bench, "What a page loads"),
  ].join("\n\n"),
);

/** What the packages' changelog says, or before the first release what waits for it. */
function changes(): string {
  if (existsSync(join(root, "packages/core/CHANGELOG.md")))
    return read("packages/core/CHANGELOG.md").replace(/^# .*\n/, "");
  const waiting = globSync(".changeset/*.md", { cwd: root })
    .sort()
    .map((file) => /^---\n(.*?)^---\n(.*)$/ms.exec(read(file)))
    .filter((match) => match !== null)
    .map(([, packages = "", text = ""]) => {
      const names = [...packages.matchAll(/"(@downhill\/\w+)"/g)].map(([, name]) => `\`${name}\``);
      return names.length === 0 ? "" : `- ${text.trim().replaceAll("\n", "\n  ")} (${names.join(", ")})`;
    });
  return `## Waiting for the first release\n\n${waiting.filter((entry) => entry !== "").join("\n")}`;
}
guide("changelog.md", "Changelog", 15, "What has changed, release by release.", changes());

function picture(name: string, program: ExplainedProgram | undefined): void {
  if (program === undefined) throw new Error(`${name}: nothing ran`);
  writeFileSync(join(docs, "static/img", `engine-${name}.svg`), drawProgram(program));
}

manualSeed(0);
const x = rand([64, 1000]);
picture("softmax", explain(() => x.softmax(1), { print: false }).programs[0]);

const [inputs, targets] = [randn([32, 8]), randn([32, 1])];
const model = new Linear(8, 1);
const criterion = new MSELoss();
const optimizer = new SGD(model.parameters(), { lr: 0.1 });
const step = (): void => {
  optimizer.zeroGrad();
  criterion.forward(model.forward(inputs), targets).backward();
  optimizer.step();
};
step();
picture("step", explain(step, { print: false }).programs[0]);
