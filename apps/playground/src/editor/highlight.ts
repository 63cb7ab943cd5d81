/** A stretch of code and how it is coloured; the classes are those that CodeMirror's classHighlighter gives. */
export interface Token {
  readonly text: string;
  readonly kind?: "tok-comment" | "tok-string" | "tok-number" | "tok-keyword";
}

const keywords =
  "abstract as async await break case catch class const continue default delete do else export extends false finally for from function if implements import in instanceof interface let new null of override private protected public readonly return static super switch this throw true try type typeof undefined using void while with yield".split(" "); // prettier-ignore

const pattern = new RegExp(
  [
    String.raw`(?<comment>\/\/.*|\/\*[^]*?\*\/)`,
    String.raw`(?<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|${"`"}(?:\\.|[^${"`"}\\])*${"`"})`,
    String.raw`(?<number>\b(?:0x[\da-f_]+|\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?)n?\b)`,
    String.raw`(?<keyword>\b(?:${keywords.join("|")})\b)`,
  ].join("|"),
  "gi",
);

/** Cuts TypeScript into coloured stretches, by its looks: what stands in for the editor until that is loaded. */
export function highlight(code: string): Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (const match of code.matchAll(pattern)) {
    if (match.index > end) tokens.push({ text: code.slice(end, match.index) });
    const { comment, string, number } = match.groups as Record<string, string | undefined>;
    const kind = comment ? "tok-comment" : string ? "tok-string" : number ? "tok-number" : "tok-keyword";
    tokens.push({ text: match[0], kind });
    end = match.index + match[0].length;
  }
  if (end < code.length) tokens.push({ text: code.slice(end) });
  return tokens;
}
