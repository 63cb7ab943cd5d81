/** What stands in for colour.ts in a browser: pages come coloured, so the highlighter is loaded only when one does not. */
export const colour: (code: string, language: string) => string | undefined = () => undefined;
