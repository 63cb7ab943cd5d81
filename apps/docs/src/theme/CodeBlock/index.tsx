import { colour as colourAtOnce } from "#colour";
import { type JSX, useEffect, useRef, useState } from "react";
import "../../code/code-block.css";

/**
 * Code in its colours. They are put in while the site is built and React leaves them alone, so that a page needs no
 * highlighter; one that is made in the browser (after a click on a link, or in a tab) fetches it.
 */
export default function CodeBlock({
  children,
  className = "",
  language = /language-(\w+)/.exec(className)?.[1] ?? "text",
  title,
}: {
  readonly children: string;
  readonly className?: string;
  readonly language?: string;
  readonly title?: string;
}): JSX.Element {
  const code = children.trimEnd();
  const [first] = useState(() => colourAtOnce(code, language) ?? escaped(code));
  const element = useRef<HTMLElement>(null);
  useEffect(() => {
    if (language === "text" || element.current?.querySelector(".token") !== null) return;
    void import("../../code/colour.js").then(({ colour }) => {
      const html = colour(code, language);
      if (html !== undefined && element.current !== null) element.current.innerHTML = html;
    });
  }, [code, language]);
  return (
    <div className="code-block">
      {title !== undefined && <div className="code-title">{title}</div>}
      <pre tabIndex={0}>
        <code
          ref={element}
          className={`language-${language}`}
          suppressHydrationWarning
          dangerouslySetInnerHTML={{ __html: first }}
        />
      </pre>
      <CopyButton code={code} />
    </div>
  );
}

function CopyButton({ code }: { readonly code: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(code);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <button
      type="button"
      className="code-copy"
      aria-label={copied ? "Copied" : "Copy code"}
      onClick={() => void copy()}
    >
      {copied ? "Copied" : "Copy"}
    </button>
  );
}

const escaped = (code: string): string => code.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
