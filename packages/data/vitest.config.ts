import { project, type Project } from "../../vitest.shared.js";

const config: Project = project("data");
export default config;
