import { project, type Project } from "../../vitest.shared.ts";

const config: Project = project("playground");
export default config;
