import { project, type Project } from "../vitest.shared.ts";

const config: Project = project("tooling");
export default config;
