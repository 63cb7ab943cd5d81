import { type Executable, type Program, ReferenceBackend } from "@downhill/core/engine";
import { type Check, conformanceChecks, describeBackend, type NamedCase } from "@downhill/core/testing";
import { describe, expect, it, test } from "vitest";

describeBackend("the reference under another name", () => new ReferenceBackend("another"), {}, { describe, it });

/** The reference with a fault: `alter` may change a Program before it is compiled. */
class Faulty extends ReferenceBackend {
  constructor(private readonly alter: (program: Program) => Program) {
    super("faulty");
  }
  override compile(program: Program): Executable {
    return super.compile(this.alter(program));
  }
}

/** A backend that takes cosh for sinh. */
const confused = (): ReferenceBackend =>
  new Faulty((program) => ({
    ...program,
    nodes: program.nodes.map((node) => (node.op === "cosh" ? { ...node, op: "sinh" } : node)),
  }));

const cases: NamedCase[] = [
  { family: "hyperbolic", op: "sinh", name: "sinh", row: { run: (x) => x.sinh(), shapes: [[2, 3]] } },
  {
    family: "hyperbolic",
    op: "cosh",
    name: "cosh",
    row: { run: (x) => x.cosh(), shapes: [[2, 3]], dtypes: ["float64"] },
  },
];

async function failures(checks: readonly Check[]): Promise<string[]> {
  const failed: string[] = [];
  for (const check of checks)
    await check.run().catch((error: unknown) => failed.push(`${check.name}: ${(error as Error).message}`));
  return failed;
}

describe("a backend with a fault fails", () => {
  test("where an op computes something else, in values and in gradients", async () => {
    const failed = await failures(conformanceChecks(confused, { cases }));
    expect(failed).toEqual([
      expect.stringMatching(/^hyperbolic: sinh, float16: gradients: /),
      expect.stringMatching(
        /^hyperbolic: sinh, float32: gradients: result 0 on faulty: \S+ instead of \S+ at \[\d, \d\] of shape \[2, 3\]$/,
      ),
      expect.stringMatching(/^hyperbolic: sinh, float64: gradients: /),
      expect.stringMatching(/^hyperbolic: cosh, float64: values: /),
      expect.stringMatching(/^hyperbolic: cosh, float64: NaN and infinities: /),
    ]);
  });

  test("where an update goes into new memory", async () => {
    class Rebinding extends ReferenceBackend {
      override compile(program: Program): Executable {
        const plain = super.compile({
          ...program,
          outputs: program.outputs.map(({ node }) => ({ node, overwrites: -1 })),
        });
        return plain;
      }
    }
    expect(await failures(conformanceChecks(() => new Rebinding("rebinding"), { cases: [] }))).toContain(
      "programs: an update is written into the variable's own memory: the update went into another Buffer",
    );
  });

  test("where a read comes too late", async () => {
    class Late extends ReferenceBackend {
      override read(buffer: Float32Array): never {
        return Promise.resolve().then(() => buffer.slice()) as never;
      }
    }
    const failed = await failures(conformanceChecks(() => new Late("late"), { cases: [] }));
    expect(failed.join("\n")).toContain(
      "memory: a read gives the elements as of its call: the first read: [3, 4] instead of [1, 2]",
    );
  });

  test("where numbers are built into Programs", async () => {
    class Frozen extends ReferenceBackend {
      override compile(program: Program): Executable {
        const plain = super.compile(program);
        let first: readonly number[] | undefined;
        return { run: (inputs, scalars) => plain.run(inputs, (first ??= scalars)) };
      }
    }
    const failed = await failures(conformanceChecks(() => new Frozen("frozen"), { cases: [] }));
    expect(failed.join("\n")).toContain("programs: another number runs the same Program: times 0.5");
  });
});

describe("a gap", () => {
  test("makes the failing checks that it names pass, and shows its reason", async () => {
    const checks = conformanceChecks(confused, {
      cases,
      gaps: {
        "cosh, float64: values": "no unit for it",
        "cosh, float64: NaN": "no unit for it",
        "sinh, float32: gradients": "they need cosh",
      },
    });
    const failed = await failures(checks);
    expect(failed).toEqual([
      expect.stringContaining("sinh, float16: gradients"),
      expect.stringContaining("sinh, float64: gradients"),
    ]);
    expect(checks.map(({ name }) => name)).toContain("hyperbolic: cosh, float64: values (gap: no unit for it)");
  });

  test("must still fail", async () => {
    const gaps = { "memory: float32": "no reason" };
    const failed = await failures(conformanceChecks(() => new ReferenceBackend("whole"), { cases: [], gaps }));
    expect(failed).toEqual([expect.stringContaining("is listed as a gap (no reason), and passes")]);
  });

  test("must name a check", async () => {
    const failed = await failures(
      conformanceChecks(() => new ReferenceBackend("whole"), { cases: [], gaps: { bfloat16: "none" } }),
    );
    expect(failed).toEqual([expect.stringContaining('no check is named "bfloat16"')]);
  });
});

test("a device that cannot be opened fails each check with its reason", async () => {
  const checks = conformanceChecks(() => Promise.reject(new Error("no adapter")), { cases: [] });
  const failed = await failures(checks);
  expect(failed).toHaveLength(checks.length);
  expect(failed[0]).toContain("no adapter");
});
