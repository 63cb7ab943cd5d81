import { type Comment, type DeclarationReflection, Reflection, ReflectionKind } from "typedoc";
import { commentOf, type Reference } from "./read-packages.mts";

/** What Markdown of an entry needs to know of the rest. */
export interface Context extends Pick<Reference, "calls" | "typeOf"> {
  /** Where an entry stands, for links. */
  readonly link: (target: Reflection) => string | undefined;
  /** The devices and dtypes that an op was found to run on, in words. */
  readonly devices: (name: string) => string | undefined;
  /** Whether a class is the whole page: it needs no heading then. */
  readonly isPage: (entry: DeclarationReflection) => boolean;
}

/** Writes an entry as a section of Markdown, or a class that is its page as the beginning of that. */
export function writeEntry(entry: DeclarationReflection, context: Context): string {
  const parts = [context.isPage(entry) ? "" : `## ${entry.name}`, signature(entry, context)];
  const comment = commentOf(entry);
  parts.push(text(comment, context), parameters(entry, context), ...tags(comment, context));
  const runsOn = context.devices(entry.name);
  if (runsOn !== undefined) {
    checkOp(entry.name, text(comment, context));
    parts.push(`Runs on ${runsOn}.`);
  }
  if (entry.kind === ReflectionKind.Class) parts.push(members(entry, context));
  else if (entry.children !== undefined) parts.push(properties(entry.children, context));
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** What readers of an op look for is there. */
function checkOp(name: string, words: string): void {
  const missing = [
    ...(/gradient/i.test(words) ? [] : ['its gradient ("Gradient: …", "No gradient: …")']),
    ...(/torch\.|in PyTorch/.test(words) ? [] : ['its name in PyTorch ("Same as torch.…")']),
  ];
  if (missing.length > 0) throw new Error(`The documentation of the op ${name} lacks ${missing.join(" and ")}`);
}

/** One line of an entry's documentation, for lists. */
export function summaryOf(entry: DeclarationReflection, context: Context): string {
  const [first = ""] = text(commentOf(entry), context)
    .replaceAll("\n", " ")
    .split(/(?<=\.) (?=[A-Z])/);
  return first.replaceAll("|", "\\|");
}

function signature(entry: DeclarationReflection, context: Context): string {
  const code = (lines: readonly string[]): string => `\`\`\`ts\n${lines.map(broken).join("\n")}\n\`\`\``;
  if (entry.kind === ReflectionKind.Class) {
    const constructors = entry.children?.find(({ kind }) => kind === ReflectionKind.Constructor)?.signatures ?? [];
    const parameterText = ({
      parameters: list = [],
    }: {
      parameters?: (typeof constructors)[0]["parameters"];
    }): string =>
      list
        .map(
          (it) =>
            `${it.flags.isRest ? "..." : ""}${it.name}${it.flags.isOptional ? "?" : ""}: ${it.type?.toString() ?? ""}`,
        )
        .join(", ");
    const isAbstract = entry.flags.isAbstract ? "abstract class " : "class ";
    const heritage = entry.extendedTypes?.[0]?.toString().replace(/<.*/, "");
    const head = `${isAbstract}${entry.name}${heritage === undefined || /^Pick|^Methods/.test(heritage) ? "" : ` extends ${heritage}`}`;
    return code([head, ...constructors.map((it) => `new ${entry.name}(${parameterText(it)})`)]);
  }
  const calls = context.calls(entry);
  if (calls.length > 0) return code(calls.map((call) => entry.name + call));
  if (entry.kind === ReflectionKind.Interface) return "";
  return code([
    `${entry.kind === ReflectionKind.TypeAlias ? "type" : "const"} ${entry.name}${entry.kind === ReflectionKind.TypeAlias ? ` = ${entry.type?.toString() ?? ""}` : `: ${context.typeOf(entry)}`}`,
  ]);
}

/** A call that is too long for a line, with an argument in each. */
function broken(call: string): string {
  const start = call.indexOf("(");
  if (call.length <= 80 || start < 0) return call;
  const args: string[] = [""];
  let [depth, end] = [0, start];
  do {
    const sign = call[end]!;
    if ("([{".includes(sign) || (sign === "<" && depth > 0)) depth++;
    if (")]}".includes(sign) || (sign === ">" && call[end - 1] !== "=")) depth--;
    if (sign === "," && depth === 1) args.push("");
    else if (end > start && depth > 0) args.push(args.pop()! + sign);
    end++;
  } while (depth > 0 && end < call.length);
  return `${call.slice(0, start + 1)}\n${args.map((arg) => `  ${arg.trim()},\n`).join("")})${call.slice(end)}`;
}

/** A comment's text in Markdown, with its links. */
function text(comment: Comment | undefined, context: Context): string {
  return parts(comment?.summary ?? [], context);
}

function parts(list: Comment["summary"], context: Context): string {
  const markdown = list
    .map((part) => {
      if (part.kind === "code") return part.text;
      if (part.kind !== "inline-tag") return escape(part.text);
      const target = part.target instanceof Reflection ? context.link(part.target) : undefined;
      return target === undefined ? `\`${part.text}\`` : `[\`${part.text}\`](${target})`;
    })
    .join("")
    .trim();
  return markdown.replaceAll(
    /Same\s+as\s+(torch(?:\.(?:\w|\\_)+)+)/g,
    (_, name: string) =>
      `Same as [${name}](https://docs.pytorch.org/docs/stable/generated/${name.replaceAll("\\", "")}.html)`,
  );
}

/** Prose stays prose: comparisons and generics are no tags, products no emphasis. */
const escape = (prose: string): string => prose.replaceAll("<", "&lt;").replaceAll("*", "\\*").replaceAll("_", "\\_");

function parameters(entry: DeclarationReflection, context: Context): string {
  const documented = (entry.signatures ?? [])
    .flatMap(({ parameters: list = [] }) => list)
    .filter(({ comment }, _, all) => comment !== undefined && all.length > 0);
  const seen = new Map(documented.map((it) => [it.name, parts(it.comment?.summary ?? [], context)]));
  return [...seen].map(([name, words]) => `- \`${name}\`: ${words}`).join("\n");
}

function tags(comment: Comment | undefined, context: Context): string[] {
  return (comment?.blockTags ?? []).map(({ tag, content }) => {
    if (tag === "@example") return parts(content, { ...context });
    const words = parts(content, context);
    if (tag === "@returns") return `Returns ${words.charAt(0).toLowerCase()}${words.slice(1)}`;
    if (tag === "@throws") return `Throws ${words}`;
    return words;
  });
}

function properties(children: readonly DeclarationReflection[], context: Context): string {
  const rows = children.map((child) => {
    const type =
      child.kind === ReflectionKind.Method
        ? context.calls(child)[0]
        : (child.type?.toString() ?? context.typeOf(child));
    const cell = (words: string): string => words.replaceAll("|", "\\|").replaceAll(/\s*\n\s*/g, " ");
    return `| \`${child.name}${child.flags.isOptional ? "?" : ""}\` | \`${cell(type ?? "")}\` | ${cell(text(commentOf(child), context))} |`;
  });
  return ["| property | type | what it is |", "| --- | --- | --- |", ...rows].join("\n");
}

/** The members that a class declares itself; what it inherits stands with its parents. */
function members(entry: DeclarationReflection, context: Context): string {
  const own = (entry.children ?? []).filter(
    (child) => child.kind !== ReflectionKind.Constructor && child.inheritedFrom === undefined && !isOpMethod(child),
  );
  const heading = context.isPage(entry) ? "##" : "###";
  return own.map((child) => writeMember(child, heading, context)).join("\n\n");
}

function writeMember(child: DeclarationReflection, heading: "##" | "###", context: Context): string {
  const calls = context.calls(child);
  const lines = calls.length > 0 ? calls.map((call) => child.name + call) : [`${child.name}: ${context.typeOf(child)}`];
  const comment = commentOf(child);
  const all = [
    `${heading} ${child.name}`,
    `\`\`\`ts\n${lines.map(broken).join("\n")}\n\`\`\``,
    text(comment, context),
    parameters(child, context),
    ...tags(comment, context),
  ];
  return all.filter((part) => part !== "").join("\n\n");
}

/** Whether a member of Tensor comes from one of the families of ops (core/src/methods.ts). */
export function isOpMethod(child: DeclarationReflection): boolean {
  const file = child.sources?.[0]?.fileName ?? "";
  return child.parent?.name === "Tensor" && !/(tensor|methods)\.ts$/.test(file);
}
