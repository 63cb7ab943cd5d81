import type { JSX } from "react";
import core from "@downhill/core/package.json" with { type: "json" };
import { hashOf } from "../share/link.js";
import { projectZip } from "../share/project.js";

/** A link that brings the program along, and a project to download. */
export function ShareMenu({
  text,
  onDone,
}: {
  readonly text: string;
  readonly onDone: (notice: string) => void;
}): JSX.Element {
  const share = async (): Promise<void> => {
    history.replaceState(null, "", hashOf(text));
    try {
      await navigator.clipboard.writeText(location.href);
      onDone(
        "The link is in the clipboard and in the address bar. The program is in the link itself; no server keeps it.",
      );
    } catch {
      onDone("The link is in the address bar. The program is in the link itself; no server keeps it.");
    }
  };

  const download = (): void => {
    const address = URL.createObjectURL(new Blob([projectZip(text, core.version)], { type: "application/zip" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = "downhill-program.zip";
    link.click();
    URL.revokeObjectURL(address);
    onDone("A project is downloaded: unpack it, then npm install and npm start.");
  };

  return (
    <>
      <button type="button" onClick={() => void share()}>
        Share
      </button>
      <button type="button" onClick={download}>
        Download
      </button>
    </>
  );
}
