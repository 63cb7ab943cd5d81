import { type JSX, useEffect, useState } from "react";

type Theme = "light" | "dark";
const key = "downhill-playground-theme";

function wished(): Theme {
  try {
    const saved = localStorage.getItem(key);
    if (saved === "light" || saved === "dark") return saved;
  } catch {
    // a browser that keeps nothing
  }
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Changes between light and dark; begins as the system has it. */
export function ThemeButton(): JSX.Element {
  const [theme, setTheme] = useState(wished);
  const other: Theme = theme === "light" ? "dark" : "light";
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  return (
    <button
      type="button"
      aria-label={`Use the ${other} theme`}
      onClick={() => {
        setTheme(other);
        try {
          localStorage.setItem(key, other);
        } catch {
          // it holds until the page is left
        }
      }}
    >
      {theme === "light" ? "Dark" : "Light"}
    </button>
  );
}
