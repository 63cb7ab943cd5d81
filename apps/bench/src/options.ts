import { parseArgs } from "node:util";
import { type Contestant, contestants } from "./contestants.ts";
import { inBrowser, throughDawn } from "./webgpu/contestants.ts";
import { type WorkName, workNames, works } from "./work/names.ts";

export interface Options {
  readonly quick: boolean;
  /** Whether it is about WebGPU, in a browser or in Node. */
  readonly webgpu: boolean;
  readonly works: readonly WorkName[];
  readonly contestants: readonly Contestant[];
  /** Where the JSON goes in the place of results/latest.json. */
  readonly json: string | undefined;
}

export const usage: string = `npm run bench -- [options]
  --webgpu            on WebGPU, in headless Chromium: Downhill, jax-js and tfjs
  --webgpu-node       on WebGPU, in Node through Dawn: Downhill
  --quick             fewer and shorter turns: a look, not a measurement
  --only <work,…>     ${wrapped(workNames)}
                      (those that read losses on WebGPU alone)
  --peers <peer,…>    ${wrapped(contestants.map(({ key }) => key))}
  --json <file>       write the numbers there, not to apps/bench/results/latest.json (webgpu.json)`;

/** Reads the command line. Throws an Error that says what is wrong with it. */
export function options(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      webgpu: { type: "boolean", default: false },
      "webgpu-node": { type: "boolean", default: false },
      only: { type: "string", multiple: true },
      peers: { type: "string", multiple: true },
      json: { type: "string" },
    },
  });
  const onGpu = [...(values.webgpu ? inBrowser : []), ...(values["webgpu-node"] ? throughDawn : [])];
  const webgpu = onGpu.length > 0;
  const all = webgpu ? onGpu : contestants;
  const names = workNames.filter((name) => webgpu || works[name].gpu !== true);
  const keys = all.map(({ key }) => key);
  const peers = chosen("--peers", values.peers, keys);
  return {
    quick: values.quick,
    webgpu,
    works: chosen("--only", values.only, names),
    contestants: all.filter(({ key }) => peers.includes(key)),
    json: values.json,
  };
}

/** What was asked for, in the order of the table; all if nothing was. */
function chosen<Name extends string>(option: string, given: string[] | undefined, names: readonly Name[]): Name[] {
  if (given === undefined) return [...names];
  const wanted = given.flatMap((text) => text.split(","));
  const unknown = wanted.find((name) => !names.includes(name as Name));
  if (unknown !== undefined) throw new Error(`${option}: there is no "${unknown}". There are: ${names.join(", ")}`);
  return names.filter((name) => wanted.includes(name));
}

function wrapped(names: readonly string[]): string {
  const lines = [""];
  for (const name of names) {
    const line = lines.at(-1)!;
    if (line.length + name.length > 74) lines.push(name);
    else lines[lines.length - 1] = line === "" ? name : `${line} ${name}`;
  }
  return lines.join(`\n${" ".repeat(22)}`);
}
