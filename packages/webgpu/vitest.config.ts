import { project, type Project } from "../../vitest.shared.js";

const config: Project = project("webgpu");
export default config;
