/** Writes the API reference as Markdown, from the documentation in the packages' sources. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type DeclarationReflection, type Reflection, ReflectionKind } from "typedoc";
import { devicesOf } from "./devices.mts";
import { type Context, isOpMethod, summaryOf, writeEntry } from "./entry.mts";
import { anchorOf, isPage, type Page, pagesOf } from "./pages.mts";
import { type Door, readPackages } from "./read-packages.mts";

const folder = join(import.meta.dirname, "../api");
const { doors, calls, typeOf } = await readPackages();
const pages = doors.flatMap(pagesOf);

const places = new Map<number, string>();
for (const page of pages) {
  for (const entry of page.entries) {
    const own = isPage(page, entry) ? "" : `#${anchorOf(entry.name)}`;
    places.set(entry.id, `/api/${page.path}/${own}`);
    for (const child of entry.children ?? []) places.set(child.id, `/api/${page.path}/${own}`);
  }
}
const link = (target: Reflection): string | undefined => places.get(target.id);
const devices = devicesOf();
const context = (page: Page): Context => ({
  calls,
  typeOf,
  link,
  devices: page.door === "@downhill/core" ? devices : () => undefined,
  isPage: (entry) => isPage(page, entry),
});

rmSync(folder, { recursive: true, force: true });
for (const page of pages) {
  const sections = page.entries.map((entry) => writeEntry(entry, context(page)));
  if (page.path === "core/tensor") sections.push(methods(page));
  const [first] = page.entries;
  const description =
    first === undefined ? "" : summaryOf(first, context(page)).replaceAll(/[`\\*[\]]|\(http\S*\)/g, "");
  write(`${page.path}.md`, page.title, `${page.title} of ${page.door}. ${description}`, sections.join("\n"));
}
for (const door of doors) {
  const path = door.name.replace("@downhill/", "");
  const list = pages.filter((page) => page.door === door.name).map((page) => contents(page));
  write(
    `${path}/index.md`,
    door.name,
    `What ${door.name} exports.`,
    `What \`${door.name}\` exports.\n\n${list.join("\n")}\n`,
  );
  const category = { label: door.name, position: doors.indexOf(door) + 1, link: { type: "doc", id: `${path}/index` } };
  writeFileSync(join(folder, path, "_category_.json"), JSON.stringify(category));
}
write(
  "index.md",
  "API reference",
  "Everything that the packages of Downhill export.",
  `Written from the sources' own documentation. Names, arguments and defaults are PyTorch's, in camelCase.\n\n${doors.map((door) => `- [\`${door.name}\`](/api/${door.name.replace("@downhill/", "")}/)`).join("\n")}\n\nThe methods of tensors are listed at [\`Tensor\`](/api/core/tensor/).\n`,
);
console.log(`API reference: ${pages.length} pages`);

function write(file: string, title: string, description: string, body: string): void {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  // A file that is called as its folder would stand for the folder.
  const slug = `/${file.replace(/(index)?\.md$/, "")}`;
  const front = {
    title,
    description,
    slug,
    custom_edit_url: null,
    ...(file === "index.md" && { sidebar_position: 0 }),
  };
  const lines = Object.entries(front).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  writeFileSync(path, `---\n${lines.join("\n")}\n---\n\n${body}`);
}

/** A page in its package's list, with what stands on it. */
function contents(page: Page): string {
  const names = page.entries.filter((entry) => entry.kind !== ReflectionKind.Interface && !isPage(page, entry));
  const inside = names.map((entry) => `[\`${entry.name}\`](${places.get(entry.id) ?? ""})`).join(", ");
  return `- [${page.title}](/api/${page.path}/)${inside === "" ? "" : `: ${inside}`}`;
}

/** Ops as methods of Tensor, each with the place where it is explained. */
function methods(page: Page): string {
  const tensor = page.entries.find(({ name }) => name === "Tensor");
  const core: Door | undefined = doors.find(({ name }) => name === page.door);
  const byName = new Map((core?.exports ?? []).map((entry): [string, DeclarationReflection] => [entry.name, entry]));
  const rows = (tensor?.children ?? []).filter(isOpMethod).map((method) => {
    const op = byName.get(method.name.replace(/_$/, ""));
    const place = op === undefined ? undefined : places.get(op.id);
    const name = place === undefined ? `\`${method.name}\`` : `[\`${method.name}\`](${place})`;
    const words = method.name.endsWith("_")
      ? `\`${method.name.slice(0, -1)}\`, in place`
      : summaryOf(op ?? method, context(page));
    return `| ${name} | ${words} |`;
  });
  const sorted = rows.sort((a, b) => a.localeCompare(b));
  return `## Ops as methods\n\n\`x.exp()\` is \`exp(x)\`: the first argument is the tensor itself.\n\n| method | what it does |\n| --- | --- |\n${sorted.join("\n")}\n`;
}
