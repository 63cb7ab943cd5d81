import Prism from "prismjs";
import "prismjs/components/prism-bash.js";
import "prismjs/components/prism-diff.js";
import "prismjs/components/prism-json.js";
import "prismjs/components/prism-python.js";
import "prismjs/components/prism-typescript.js";

Prism.manual = true; // not what it finds in the page by itself

/** Code as HTML, coloured by Prism's classes (code.css); undefined for a language that it does not know. */
export function colour(code: string, language: string): string | undefined {
  const grammar = Prism.languages[language];
  return grammar === undefined ? undefined : Prism.highlight(code, grammar, language);
}
