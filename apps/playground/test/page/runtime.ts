/** Puts what the documentation uses of the playground where a test can call it. */
import * as embed from "../../src/embed.js";

Object.assign(globalThis, { embed });
