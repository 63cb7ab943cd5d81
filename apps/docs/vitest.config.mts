import { project, type Project } from "../../vitest.shared.ts";

const config: Project = project("docs");
export default config;
