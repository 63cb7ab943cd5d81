import { type JSX, useState } from "react";
import { presets } from "../presets/preset.js";
import { savedPrograms, saveProgram } from "../share/saved-programs.js";

export interface ProgramMenuProps {
  readonly title: string;
  readonly text: string;
  readonly onChoose: (program: { readonly title: string; readonly text: string; readonly about?: string }) => void;
}

/** The programs to begin with, those saved in this browser, and saving. */
export function ProgramMenu({ title, text, onChoose }: ProgramMenuProps): JSX.Element {
  const [saved, setSaved] = useState(savedPrograms);
  const [name, setName] = useState<string | null>(null);
  const known = presets.some((preset) => preset.title === title) || title in saved;

  const save = (): void => {
    const given = name?.trim() ?? "";
    if (given === "") return;
    try {
      setSaved(saveProgram(given, text));
      onChoose({ title: given, text, about: `Saved in this browser as “${given}”.` });
      setName(null);
    } catch {
      onChoose({ title, text, about: "This browser keeps nothing for this page: it is not saved." });
    }
  };

  return (
    <>
      <label>
        <span className="hidden-text">Program to load</span>
        <select
          value={title}
          onChange={({ target }) => {
            const preset = presets.find((each) => each.title === target.value);
            const own = saved[target.value];
            if (preset !== undefined) onChoose(preset);
            else if (own !== undefined) onChoose({ title: target.value, text: own });
          }}
        >
          {known ? null : <option>{title}</option>}
          {(["The lesson", "More to train"] as const).map((group) => (
            <optgroup key={group} label={group}>
              {presets
                .filter((preset) => preset.group === group)
                .map((preset) => (
                  <option key={preset.id}>{preset.title}</option>
                ))}
            </optgroup>
          ))}
          {Object.keys(saved).length === 0 ? null : (
            <optgroup label="Saved here">
              {Object.keys(saved).map((own) => (
                <option key={own}>{own}</option>
              ))}
            </optgroup>
          )}
        </select>
      </label>
      {name === null ? (
        <button type="button" onClick={() => setName(title in saved ? title : "")}>
          Save
        </button>
      ) : (
        <form
          className="save"
          onSubmit={(event) => {
            event.preventDefault();
            save();
          }}
        >
          <input
            aria-label="Name to save it under"
            placeholder="Name"
            autoFocus
            value={name}
            onChange={({ target }) => setName(target.value)}
            onKeyDown={({ key }) => {
              if (key === "Escape") setName(null);
            }}
          />
          <button type="submit">Save</button>
        </form>
      )}
      {title in saved ? (
        <button
          type="button"
          onClick={() => {
            setSaved(saveProgram(title, null));
            onChoose({ title: "Not saved", text, about: `“${title}” is no longer saved.` });
          }}
        >
          Forget
        </button>
      ) : null}
    </>
  );
}
