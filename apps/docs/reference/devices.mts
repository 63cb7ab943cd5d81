import { conformanceChecks } from "@downhill/core/testing";
// eslint-disable-next-line import-x/no-relative-packages -- what its conformance test says of it is no export
import { gaps } from "../../../packages/webgpu/test/gaps.ts";

/**
 * What the conformance suite finds, op by op: it compares each op in each dtype with the reference on each device, and what a
 * device lacks is listed with a reason and must still fail.
 */
export function devicesOf(): (op: string) => string | undefined {
  const never = (): never => {
    throw new Error("only the names of the checks are asked for");
  };
  const dtypes = new Map<string, { cpu: Set<string>; webgpu: Set<string> }>();
  for (const { name } of conformanceChecks(never, { gaps })) {
    const match = /^\w+: (\w+)(?: \d+)?, (\w+): values/.exec(name);
    if (match === null) continue;
    const [, op = "", dtype = ""] = match;
    const found = dtypes.get(op) ?? { cpu: new Set(), webgpu: new Set() };
    found.cpu.add(dtype);
    if (!name.includes("(gap: ")) found.webgpu.add(dtype);
    dtypes.set(op, found);
  }
  return (op) => {
    const found = dtypes.get(op);
    if (found === undefined) return undefined;
    return `\`cpu\` (${[...found.cpu].join(", ")}) and \`webgpu\` (${[...found.webgpu].join(", ")})`;
  };
}
