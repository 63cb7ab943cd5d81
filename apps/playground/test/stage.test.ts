/** What programs say to the page, without one. */
import { describe, expect, it } from "vitest";
import { ones, tensor } from "@downhill/core";
import { Linear, Sequential } from "@downhill/nn";
import { addPoint, type Curve } from "../src/app/curve.js";
import { numbersIn } from "../src/app/numbers-in.js";
import type { RunEvent } from "../src/runtime/event.js";
import { Outbox } from "../src/runtime/outbox.js";
import { pictureOf } from "../src/runtime/picture.js";
import { show } from "../src/runtime/shown.js";
import { openStage } from "../src/runtime/stage.js";

const opened = () => {
  const events: RunEvent[] = [];
  const hearers = new Map<number, (value: unknown) => void>();
  const stage = openStage({ emit: (event) => events.push(event), listen: (id, hear) => hearers.set(id, hear) });
  return { events, hearers, ...stage };
};

describe("show", () => {
  it("prints tensors as PyTorch does, with what they carry as parts", () => {
    const x = tensor([1.5], { requiresGrad: true });
    const shown = show(x);
    expect(shown).toMatchObject({ kind: "tensor", text: "tensor([1.5000], requiresGrad=true)" });
    expect(shown.parts!.map(([name]) => name)).toEqual(["shape", "dtype", "device", "requiresGrad"]);
  });

  it("prints modules as PyTorch does", () => {
    expect(show(new Sequential(new Linear(2, 1))).text).toMatch(/^Sequential\(\n {2}\(0\): Linear/);
  });

  it("prints plain values much as Node does, and survives what cannot be shown", () => {
    const circle: Record<string, unknown> = { a: [1, "b", null], m: new Map([["k", 1]]) };
    circle.self = circle;
    expect(show(circle).text).toBe('{ a: [ 1, "b", null ], m: Map(1) { "k" => 1 }, self: [circular] }');
    const trap = Object.defineProperty({}, "x", { enumerable: true, get: () => { throw new Error("no"); } }); // prettier-ignore
    expect(show(trap).text).toBe("[no]");
    expect(show("plain").text).toBe("plain");
  });
});

describe("numbersIn", () => {
  const found = (...values: unknown[]) => numbersIn(values.map(show));

  it("finds what has a name, in texts and objects", () => {
    expect(found("Epoch 1, Sample 11, Loss: 28.1800")).toEqual([["loss", 28.18]]);
    expect(found("Epoch [1/5], Loss: 0.5, test accuracy = 98.2 %")).toEqual([["loss", 0.5], ["test accuracy", 98.2]]); // prettier-ignore
    expect(found({ loss: 1e-3, name: "x" })).toEqual([["loss", 0.001]]);
  });

  it("takes times and lists for none", () => {
    expect(found("at 12:30 it was done: yes")).toEqual([]);
    expect(found([1, 2, 3])).toEqual([]);
  });
});

describe("plot and image", () => {
  it("keep their order, and take values as of their call", async () => {
    const { events, scope, settled } = opened();
    const w = tensor([0, 1]);
    scope.plot(w, { name: "w" });
    w.add_(1);
    scope.image(ones([2, 3]), { name: "white" });
    scope.plot({ loss: 2 });
    await settled();
    expect(events.map(({ type }) => type)).toEqual(["point", "curve", "image"]);
    expect(events[1]).toMatchObject({ name: "w", y: Float64Array.of(0, 1) });
  });

  it("say what they do not take, and the way out", async () => {
    const { scope, settled } = opened();
    expect(() => scope.plot({ loss: tensor(1) as unknown as number })).toThrow(
      /loss must be a number.*\n.*await loss\.item/,
    );
    scope.image(ones([2, 2, 2, 2, 2]));
    await expect(settled()).rejects.toThrow(/\[2, 2, 2, 2, 2\] is no picture/);
  });

  it("lay several pictures side by side, and colour signs", async () => {
    const several = await pictureOf(ones([5, 1, 4, 4]), {});
    expect([several.width, several.height]).toEqual([14, 9]); // three to a row, a line between them
    const { rgba } = await pictureOf(tensor([[-1, 0, 1]]), { colors: "diverging" });
    expect([...rgba].map((value) => value > 200)).toEqual([false, false, false, true, true, true, true, true, true, false, false, true]); // prettier-ignore
  });
});

describe("what the visitor gives", () => {
  it("answers ask, and the newest drawing reaches the program", async () => {
    const { events, hearers, scope } = opened();
    const asked = scope.ask("Text?", "some");
    expect(events[0]).toEqual({ type: "ask", id: 1, question: "Text?", suggestion: "some" });
    hearers.get(1)!("mine");
    expect(await asked).toBe("mine");
    const drawings = scope.drawings(2);
    const first = drawings.next();
    hearers.get(2)!(Float32Array.of(1));
    expect((await first).value).toEqual(Float32Array.of(1));
    hearers.get(2)!(Float32Array.of(2));
    hearers.get(2)!(Float32Array.of(3));
    expect((await drawings.next()).value).toEqual(Float32Array.of(3));
  });

  it("hears how far a loop has come", async () => {
    const { events, scope } = opened();
    const seen: number[] = [];
    for await (const item of scope.progress([1, 2, 3], { label: "three" })) seen.push(item);
    expect(seen).toEqual([1, 2, 3]);
    expect(events.at(-1)).toEqual({ type: "progress", label: "three", done: 3, total: 3 });
  });
});

describe("the outbox", () => {
  it("sends at once what comes first, then some at a time, and of too many lines the newest", () => {
    const sent: RunEvent[][] = [];
    const outbox = new Outbox((events) => sent.push(events));
    for (let i = 0; i < 10_000; i++) outbox.add({ type: "log", level: "log", values: [show(i)] });
    outbox.flush();
    const all = sent.flat();
    expect(sent.length).toBeLessThan(500);
    expect(sent[0]).toHaveLength(1);
    const dropped = all.reduce((sum, event) => sum + (event.type === "dropped" ? event.count : 0), 0);
    expect(all.filter(({ type }) => type === "log").length + dropped).toBe(10_000);
    expect(all.at(-1)).toMatchObject({ values: [{ text: "9999" }] });
  });
});

it("a long curve keeps its shape in few points", () => {
  const curve: Curve = { x: [], y: [], kind: "line", stride: 1, seen: 0 };
  for (let i = 1; i <= 100_000; i++) addPoint(curve, i * i);
  expect(curve.x.length).toBeLessThan(4000);
  expect(curve.x.at(-1)).toBeGreaterThan(99_900);
  expect(curve.x.every((x, i) => curve.y[i] === x * x)).toBe(true);
});
