import { mergeConfig } from "vitest/config";
import { project, type Project } from "../../vitest.shared.ts";

const config: Project = mergeConfig(project("docs"), {
  // Lighthouse measures how fast pages are: beside other tests they are slow.
  test: { fileParallelism: false, testTimeout: 120_000 },
});
export default config;
