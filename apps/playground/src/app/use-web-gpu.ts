import { useEffect, useState } from "react";

export type WebGpu =
  { readonly type: "unknown" } | { readonly type: "available" } | { readonly type: "missing"; readonly why: string };

/** Whether this browser can run programs on a GPU, and if not, why. */
export function useWebGpu(): WebGpu {
  const [found, setFound] = useState<WebGpu>({ type: "unknown" });
  useEffect(() => {
    let gone = false;
    void find().then((result) => {
      if (!gone) setFound(result);
    });
    return () => {
      gone = true;
    };
  }, []);
  return found;
}

async function find(): Promise<WebGpu> {
  const gpu = (navigator as { gpu?: { requestAdapter(): Promise<unknown> } }).gpu;
  if (gpu === undefined) return { type: "missing", why: "This browser has no WebGPU; programs run on the CPU." };
  const adapter = await gpu.requestAdapter().catch(() => null);
  return adapter === null
    ? { type: "missing", why: "WebGPU finds no graphics card here; programs run on the CPU." }
    : { type: "available" };
}
