import { compile, randn, setDefaultDevice, tensor } from "@downhill/core";
import { ReferenceBackend, registerBackend } from "@downhill/core/engine";
import { afterEach, describe, expect, it } from "vitest";
import { SGD } from "../src/index.js";

afterEach(() => setDefaultDevice("cpu"));

/** A device that is behind, and tells how often it was asked. */
class SlowBackend extends ReferenceBackend {
  asked = 0;
  ready(): Promise<void> {
    this.asked++;
    return new Promise((resolve) => setImmediate(resolve));
  }
}

describe("await optimizer.step()", () => {
  it("waits until a device that is behind has room; a step that nobody awaits does not ask", async () => {
    const backend = new SlowBackend("slow");
    setDefaultDevice(registerBackend(backend));
    const w = tensor([1, 2], { requiresGrad: true });
    const optimizer = new SGD([w], { lr: 0.1 });
    w.square().sum().backward();
    optimizer.step();
    expect(backend.asked).toBe(0);
    await optimizer.step();
    expect(backend.asked).toBe(1);
    compile(() => optimizer.step())();
    expect(backend.asked).toBe(1);
  });

  it("has nothing to wait for on the cpu", () => {
    const w = randn([2], { requiresGrad: true });
    const optimizer = new SGD([w], { lr: 0.1 });
    w.sum().backward();
    expect(optimizer.step()).toBeUndefined();
  });
});
