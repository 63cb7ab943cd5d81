/** Programs that the visitor has saved in this browser, by name. */
export type SavedPrograms = Readonly<Record<string, string>>;

const key = "downhill-playground-programs";

/** What is saved; nothing where the browser keeps nothing for the page. */
export function savedPrograms(): SavedPrograms {
  try {
    const saved: unknown = JSON.parse(localStorage.getItem(key) ?? "{}");
    if (typeof saved !== "object" || saved === null) return {};
    return Object.fromEntries(
      Object.entries(saved).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
    );
  } catch {
    return {};
  }
}

/** Saves a program under a name, or with null forgets it; gives what is saved then. */
export function saveProgram(name: string, text: string | null): SavedPrograms {
  const { [name]: _, ...others } = savedPrograms();
  const saved = text === null ? others : { ...others, [name]: text };
  localStorage.setItem(key, JSON.stringify(saved));
  return saved;
}
