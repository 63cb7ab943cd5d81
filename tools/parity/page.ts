import type { ModuleParity, Parity } from "./compare.ts";

/** The page of the guides that shows what exists of PyTorch, what does not, and why. */
export function page({ modules }: Parity, version: string): string {
  const rows = modules.map((one) => {
    const [here, otherwise, missing] = [
      one.here.length,
      one.otherwise.length,
      one.missing.flatMap(([, names]) => names).length,
    ];
    return `| [\`${one.module}\`](#${anchor(one.module)}) | ${here} | ${otherwise} | ${missing} |`;
  });
  return [
    head(version),
    "| module | here | written otherwise | not here |\n| --- | --: | --: | --: |",
    rows.join("\n"),
    "",
    ...modules.map(section),
  ].join("\n");
}

function head(version: string): string {
  return `---
title: What is here of PyTorch
description: Every public name of PyTorch, and what it is called in Downhill, or why it is not there.
---

<!-- Written by tools/parity/write.ts. -->

# What is here of PyTorch

Every public name of PyTorch ${version}, as its modules show them, and of those that PyTorch 2 has added: what it is called
here, or why it is not here. \`x.name\` is a tensor's method; other prefixes are the namespace or the door
(\`files\` is \`@downhill/core/files\`, \`testing\` is \`@downhill/core/testing\`).
`;
}

function section({ module, here, otherwise, missing }: ModuleParity): string {
  const parts = [`## ${module}\n`];
  const same = here.map(([, ours]) => ours);
  if (same.length > 0) parts.push(`**Here** (${same.length}): ${code(same.join(" "))}\n`);
  if (otherwise.length > 0) {
    parts.push("| PyTorch | here |\n| --- | --- |");
    parts.push(`${otherwise.map(([name, ours]) => `| ${code(name)} | ${cell(ours)} |`).join("\n")}\n`);
  }
  if (missing.length > 0) {
    parts.push("| not here | why |\n| --- | --- |");
    parts.push(`${missing.map(([why, names]) => `| ${code(names.join(" "))} | ${cell(why)} |`).join("\n")}\n`);
  }
  return parts.join("\n");
}

/** Names, in one element for all of them: the page has thousands. */
function code(text: string): string {
  return `\`${text}\``;
}

/** Text in a cell: MDX takes a brace for code, and a table a bar for its own. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function anchor(title: string): string {
  return title.toLowerCase().replaceAll(/[^\w-]/g, "");
}
