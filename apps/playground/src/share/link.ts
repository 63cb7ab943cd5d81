import { deflateSync, inflateSync, strFromU8, strToU8 } from "fflate";

const key = "code=";
const mostBytes = 1_000_000;

/** What comes behind the address to bring a program along: compressed, and in the hash, which no server sees. */
export function hashOf(text: string): string {
  const bytes = deflateSync(strToU8(text), { level: 9 });
  const characters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return `#${key}${btoa(characters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/** The program that an address brings along; null if there is none, or what is there is broken. */
export function programIn(hash: string): string | null {
  if (!hash.startsWith(`#${key}`)) return null;
  try {
    const characters = atob(
      hash
        .slice(key.length + 1)
        .replaceAll("-", "+")
        .replaceAll("_", "/"),
    );
    const packed = Uint8Array.from(characters, (character) => character.charCodeAt(0));
    if (packed.length === 0) return null;
    // A small hash can unpack to anything: what does not fit the given room is refused.
    return strFromU8(inflateSync(packed, { out: new Uint8Array(mostBytes) }));
  } catch {
    return null;
  }
}
