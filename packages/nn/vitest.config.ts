import { project, type Project } from "../../vitest.shared.js";

const config: Project = project("nn");
export default config;
