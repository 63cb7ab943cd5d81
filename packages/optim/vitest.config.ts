import { project, type Project } from "../../vitest.shared.js";

const config: Project = project("optim");
export default config;
