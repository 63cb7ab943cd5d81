import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { disagreements } from "../src/agreement.ts";
import type { Result, Row } from "../src/race.ts";
import { duration, section, summary, times } from "../src/report.ts";
import { missingVulkan } from "../src/pack/vulkan.ts";
import { environment } from "../src/webgpu/adapter.ts";
import { countTraffic } from "../src/webgpu/traffic.ts";
import { values } from "../src/work/inputs.ts";

const main = join(import.meta.dirname, "../src/main.ts");
const timing = (contestant: string, numbers: number[], differs?: string): Result => {
  const result = { contestant, median: 12.34, best: 10, ratio: 1, turns: 3, steps: 100, numbers };
  return differs === undefined ? result : { ...result, differs };
};

describe("agreement", () => {
  it("names those whose numbers are not the first one's", () => {
    const results = [timing("a", [2, 1]), timing("b", [2.001, 1]), timing("c", [2.01, 1])];
    expect(disagreements(results, 1e-3)).toEqual(["c"]);
  });

  it("takes no NaN and no missing number", () => {
    expect(disagreements([timing("a", [1]), timing("b", [NaN]), timing("c", [])], 1e-3)).toEqual(["b", "c"]);
    expect(disagreements([timing("a", [NaN]), timing("b", [1])], 1e-3)).toEqual(["b"]);
  });

  it("leaves out who did not take part or says why it differs", () => {
    const results: Result[] = [
      { contestant: "a", why: "not there" },
      timing("b", [1]),
      timing("c", [5], "another Adam"),
    ];
    expect(disagreements(results, 1e-3)).toEqual([]);
  });
});

describe("report", () => {
  it("writes times with three digits in the unit that fits", () => {
    expect([0.0123, 1.234, 999.4, 999.6, 45_678, 2_345_678, -1200].map(duration)).toEqual([
      "0.012 µs",
      "1.23 µs",
      "999 µs",
      "1.00 ms",
      "45.7 ms",
      "2.35 s",
      "-1.20 ms",
    ]);
    expect([0.00012, 0.0123, 0.5, 1, 12.34, 2345].map(times)).toEqual([
      "0.0001",
      "0.012",
      "0.50",
      "1.00",
      "12.3",
      "2,345",
    ]);
  });

  it("fits into 100 columns", () => {
    const why = "failed: ".padEnd(200, "x");
    const results: Result[] = [timing("PyTorch, 2 threads", [1], "its Adam differs"), { contestant: "tfjs wasm", why }];
    const row: Row = { work: "block", title: "transformer block", results, disagreements: ["jax-js"] };
    const lines = `${section(row)}\n${summary([row])}`.split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(lines.length).toBe(7);
  });
});

describe("countTraffic", () => {
  it("counts what is asked of the classes' methods while it counts, and the bytes that move", async () => {
    class GPUQueue {
      submit(): string {
        return "done";
      }
      writeBuffer(...args: unknown[]): number {
        return args.length;
      }
    }
    class GPUCommandEncoder {
      copyBufferToBuffer(...args: unknown[]): number {
        return args.length;
      }
    }
    class GPUBuffer {
      readonly size = 100;
      mapAsync(...args: unknown[]): number {
        return args.length;
      }
    }
    const [queue, encoder, buffer] = [new GPUQueue(), new GPUCommandEncoder(), new GPUBuffer()];
    const ask = async (): Promise<void> => {
      expect(queue.submit()).toBe("done");
      queue.writeBuffer(buffer, 0, new Float32Array(3)); // 12 bytes
      queue.writeBuffer(buffer, 0, new Float32Array(3), 1); // 8
      queue.writeBuffer(buffer, 0, new ArrayBuffer(64), 4, 20); // 20
      encoder.copyBufferToBuffer(buffer, 0, buffer, 0, 40); // 40
      encoder.copyBufferToBuffer(buffer, buffer); // 100
      buffer.mapAsync(1, 60); // 40
    };
    const traffic = await countTraffic({ GPUQueue, GPUCommandEncoder, GPUBuffer }, ask);
    expect(traffic).toEqual({ dispatches: 0, submissions: 1, bytes: 220, made: 0 });
    await ask();
    expect(traffic.submissions).toBe(1);
  });
});

describe("npm run bench:pack", () => {
  it("says that the Vulkan loader is missing, and how to get it", () => {
    expect(missingVulkan("libvulkan-not-here.so.1")).toContain("there is no libvulkan-not-here.so.1 here");
  });

  it("makes a folder that runs elsewhere, with no environment", () => {
    const folder = mkdtempSync(join(tmpdir(), "bench-pack-"));
    try {
      execFileSync(process.execPath, [join(import.meta.dirname, "../src/pack/make.ts"), "--out", folder]);
      const json = join(folder, "result.json");
      const args = ["--quick", "--only", "add", "--gbs", "10", "--gflops", "50", "--json", json];
      const printed = execFileSync(join(folder, "run.sh"), args, { encoding: "utf8", env: environment() });
      expect(printed).toContain("at best 50 GFLOP/s (given), 10.0 GB/s (given)");
      const { peaks, results } = JSON.parse(readFileSync(json, "utf8")) as { peaks: object; results: object[] };
      expect(peaks).toMatchObject({ bandwidth: 1e10 });
      const traffic = { dispatches: 1, submissions: 1, made: 0 };
      expect(results).toEqual([expect.objectContaining({ name: "add 1M", bytes: 12 * 2 ** 20 })]);
      expect(results[0]).toMatchObject({ traffic });
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 120_000);
});

describe("inputs", () => {
  it("are those that the Python side makes", () => {
    // python3 -c 'from inputs import values; print(values(7, 3, 2).tolist())'
    expect([...values(7, 3, 2)]).toEqual([-0.11351895332336426, 1.8894705772399902, -0.11275124549865723]);
  });
});

describe("npm run bench", () => {
  it("times a row and writes JSON", () => {
    const folder = mkdtempSync(join(tmpdir(), "bench-"));
    const file = join(folder, "result.json");
    try {
      const args = ["--quick", "--only", "program-2", "--peers", "downhill,plain", "--json", file];
      const printed = execFileSync(process.execPath, [main, ...args], { encoding: "utf8" });
      expect(printed).toContain("program 2, per step");
      const { rows, retained } = JSON.parse(readFileSync(file, "utf8")) as { rows: Row[]; retained: number };
      expect(rows).toHaveLength(1);
      expect(rows[0]).toMatchObject({ work: "program-2", disagreements: [] });
      const positive: unknown = expect.any(Number);
      const shape = { median: positive, best: positive, ratio: positive, turns: 3, steps: positive };
      expect(rows[0]?.results).toEqual([
        expect.objectContaining({ contestant: "Downhill", ...shape }),
        expect.objectContaining({ contestant: "plain JavaScript", ...shape }),
      ]);
      expect(retained).toBeTypeOf("number");
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 60_000);

  it("times Downhill on WebGPU, in Chromium and in Node, and tells what a step asks for", () => {
    const folder = mkdtempSync(join(tmpdir(), "bench-"));
    const file = join(folder, "result.json");
    try {
      const peers = "downhill,downhill-node";
      const args = ["--webgpu", "--webgpu-node", "--quick", "--only", "program-3", "--peers", peers, "--json", file];
      execFileSync(process.execPath, [main, ...args], { encoding: "utf8" });
      const { rows } = JSON.parse(readFileSync(file, "utf8")) as { rows: Row[] };
      expect(rows[0]).toMatchObject({ work: "program-3", disagreements: [] });
      for (const result of rows[0]!.results) {
        // Two gathers and the step.
        expect(result).toMatchObject({ traffic: { dispatches: 3, submissions: 1, made: 0 } });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 120_000);

  it("says what it does not know", () => {
    const { status, stderr } = spawnSync(process.execPath, [main, "--only", "program-9"], { encoding: "utf8" });
    expect(status).toBe(2);
    expect(stderr).toContain('--only: there is no "program-9". There are: program-2,');
  });
});
