import "./device.ts";
import type { Works } from "../../runner.ts";
import { works as onAnyDevice } from "../downhill/works.ts";

/** Downhill on a GPU: the same programs. */
export const works: Works = onAnyDevice;
