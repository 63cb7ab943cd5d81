import { create } from "webgpu";

/** The adapter's own words for itself. */
export async function describeAdapter(): Promise<string> {
  const adapter = await create([]).requestAdapter();
  if (adapter === null) return "no adapter";
  const { vendor, architecture, device, description } = adapter.info;
  return [vendor, architecture, device, description].filter((word) => word !== "").join(" ");
}
