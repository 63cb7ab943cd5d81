// What importing core does, through whichever door: Tensor gets its methods, and the cpu device is there.
import "./single-copy.js";
import "./methods.js";
import { registerBackend } from "./backend/device.js";
import { installConsoleFormatter } from "./console-formatter.js";
import { openCpu } from "./wasm/open-cpu.js";

registerBackend(openCpu());
installConsoleFormatter(globalThis);
