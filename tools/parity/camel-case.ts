/** PyTorch's name as it is written here: `cross_entropy` is `crossEntropy`, `add_` stays in place, classes keep their name. */
export function camelCase(name: string): string {
  const [, words = "", mark = ""] = /^(.*?)(_*)$/.exec(name)!;
  return words.replaceAll(/(?<=[^_])_+(\w)/g, (_, letter: string) => letter.toUpperCase()) + mark;
}
