/** The theme's way to add languages; ours are in code/colour.ts. */
export default function prismIncludeLanguages(): void {
  // None.
}
