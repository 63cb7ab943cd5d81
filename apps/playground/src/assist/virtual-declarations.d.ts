/** Made by `vite-declarations.ts`: declarations by path, as a virtual file system takes them. */
declare module "virtual:declarations" {
  export const files: Readonly<Record<string, string>>;
}
