import { strToU8, zipSync } from "fflate";
import globals from "../stage-globals.d.ts?raw";
import terminalStage from "./terminal-stage.ts?raw";

/** The files of a project that runs a program in a terminal: `npm install`, `npm start`. */
export function projectFiles(text: string, version: string): Readonly<Record<string, string>> {
  const packages = ["core", "data", "nn", "optim", "webgpu"].map((name) => `@downhill/${name}`);
  const used = packages.filter(
    (name) => name === "@downhill/core" || text.includes(`"${name}`) || text.includes(`'${name}`),
  );
  const range = version === "0.0.0" ? "*" : `^${version}`;
  const usesStage = /\b(?:plot|image|progress|ask|drawings)\(/.test(text);
  const manifest = {
    name: "downhill-program",
    private: true,
    type: "module",
    scripts: { start: "node main.ts" },
    engines: { node: ">=22.18" },
    dependencies: Object.fromEntries(used.map((name) => [name, range])),
  };
  return {
    "package.json": `${JSON.stringify(manifest, null, 2)}\n`,
    "README.md":
      "# A program from Downhill's playground\n\n```sh\nnpm install\nnpm start\n```\n\nNeeds Node 22.18 or newer, which runs TypeScript as it is.\n",
    "main.ts": usesStage ? `import "./playground.ts";\n${text}` : text,
    ...(usesStage ? { "playground.ts": terminalStage, "playground-globals.d.ts": globals } : {}),
  };
}

/** The same as a zip file. */
export function projectZip(text: string, version: string): Uint8Array<ArrayBuffer> {
  const files = Object.entries(projectFiles(text, version)).map(([name, file]) => [
    `downhill-program/${name}`,
    strToU8(file),
  ]);
  return zipSync(Object.fromEntries(files) as Record<string, Uint8Array>);
}
