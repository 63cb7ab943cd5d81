import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

const name = "virtual:declarations";
const packages = ["core", "data", "nn", "optim", "webgpu"];

// What programs use of a worker; the whole of lib.dom would double what the editor loads.
const host = `
interface Console { log(...values: unknown[]): void; info(...values: unknown[]): void; warn(...values: unknown[]): void;
  error(...values: unknown[]): void; debug(...values: unknown[]): void; table(value: unknown): void; dir(value: unknown): void;
  time(label?: string): void; timeEnd(label?: string): void; count(label?: string): void; assert(condition?: boolean, ...values: unknown[]): void; }
declare var console: Console;
declare var performance: { now(): number };
declare function setTimeout(handler: () => void, ms?: number): number;
declare function clearTimeout(id?: number): void;
declare function setInterval(handler: () => void, ms?: number): number;
declare function clearInterval(id?: number): void;
declare function queueMicrotask(callback: () => void): void;
declare function structuredClone<T>(value: T): T;
interface Response { readonly ok: boolean; readonly status: number; text(): Promise<string>; json(): Promise<any>; arrayBuffer(): Promise<ArrayBuffer>; }
declare function fetch(address: string): Promise<Response>;
`;

/** The declarations of the packages, as built, and TypeScript's own for the language: what the editor's worker knows. */
export function declarations(): Plugin {
  const require = createRequire(import.meta.url);
  return {
    name: "declarations",
    resolveId: (id) => (id === name ? `\0${name}` : null),
    load(id) {
      if (id !== `\0${name}`) return null;
      const files: Record<string, string> = {
        "/host.d.ts": host,
        "/stage-globals.d.ts": read(join(import.meta.dirname, "src/stage-globals.d.ts")),
      };
      for (const each of packages) {
        const folder = join(import.meta.dirname, "../../packages", each);
        const { exports } = JSON.parse(read(join(folder, "package.json"))) as { exports: unknown };
        const inside = `/node_modules/@downhill/${each}`;
        files[`${inside}/package.json`] = JSON.stringify({ name: `@downhill/${each}`, type: "module", exports });
        for (const file of globSync("dist/**/*.d.ts", { cwd: folder })) {
          files[`${inside}/${file.replaceAll("\\", "/")}`] = withoutMap(read(join(folder, file)));
        }
      }
      const libraries = dirname(require.resolve("typescript/lib/lib.es5.d.ts"));
      const pending = ["es2023", "esnext.disposable"];
      for (const library of pending) {
        const text = read(join(libraries, `lib.${library}.d.ts`));
        files[`/lib.${library}.d.ts`] = text;
        for (const [, needed] of text.matchAll(/<reference lib="(.*?)"/g)) {
          if (!pending.includes(needed!)) pending.push(needed!);
        }
      }
      return `export const files = JSON.parse(${JSON.stringify(JSON.stringify(files))});`;
    },
  };
}

const read = (file: string): string => readFileSync(file, "utf8");
const withoutMap = (text: string): string => text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n");
