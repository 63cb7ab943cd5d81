import { project, type Project } from "../../vitest.shared.ts";

const config: Project = project("bench");
export default config;
