import { project, type Project } from "../../vitest.shared.js";

const config: Project = project("core");
export default config;
