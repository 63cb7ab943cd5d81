import type { PrismTheme } from "prism-react-renderer";

/** The colours of a theme. Each stands out from `paper` by 4.5 to 1 at least, which the test room checks on every page. */
interface Palette {
  readonly paper: string;
  readonly plain: string;
  readonly comment: string;
  readonly keyword: string;
  readonly string: string;
  readonly number: string;
  readonly name: string;
  readonly type: string;
  readonly sign: string;
}

export const lightCode: PrismTheme = theme({
  paper: "#f4f2ea",
  plain: "#222a27",
  comment: "#5b645e",
  keyword: "#84306b",
  string: "#1c6238",
  number: "#9a3a08",
  name: "#1b4f96",
  type: "#6a4a06",
  sign: "#48514c",
});

export const darkCode: PrismTheme = theme({
  paper: "#172026",
  plain: "#dde5e1",
  comment: "#94a29b",
  keyword: "#eda3d3",
  string: "#9bdcab",
  number: "#ffb68c",
  name: "#9dc6ff",
  type: "#edcd8a",
  sign: "#aab6b0",
});

function theme(palette: Palette): PrismTheme {
  const style = (color: string, ...types: string[]) => ({ types, style: { color } });
  return {
    plain: { color: palette.plain, backgroundColor: palette.paper },
    styles: [
      style(palette.comment, "comment", "prolog", "doctype", "cdata"),
      style(palette.keyword, "keyword", "atrule", "important", "tag", "deleted"),
      style(palette.string, "string", "char", "template-string", "attr-value", "inserted"),
      style(palette.number, "number", "boolean", "constant", "symbol", "regex"),
      style(palette.name, "function", "function-variable", "property", "attr-name", "selector"),
      style(palette.type, "class-name", "builtin", "maybe-class-name", "namespace"),
      style(palette.sign, "punctuation", "operator", "entity", "url"),
    ],
  };
}
