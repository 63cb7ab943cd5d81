import { type JSX, useState } from "react";

const playground = "/playground/";

/**
 * A link that takes a program along to the playground. The program is packed when somebody comes near the link, and what
 * packs it is loaded then.
 */
export function PlaygroundLink({ program }: { readonly program: () => string }): JSX.Element {
  const [href, setHref] = useState(playground);
  const pack = async (): Promise<string> => {
    const { hashOf } = await import("playground/link");
    const packed = playground + hashOf(program());
    setHref(packed);
    return packed;
  };
  return (
    <a
      className="playground-link"
      href={href}
      onPointerEnter={() => void pack()}
      onFocus={() => void pack()}
      onClick={(event) => {
        // With a key held, the browser opens the address as it stands; it was packed when the pointer came.
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        void pack().then((packed) => location.assign(packed));
      }}
    >
      Open in the playground
    </a>
  );
}
