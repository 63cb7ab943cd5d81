import { expect, it } from "vitest";
import { Mt19937 } from "../../src/random/mt19937.js";

it("gives as its 10,000th output from the default seed what the C++ standard demands", () => {
  const engine = new Mt19937();
  for (let i = 1; i < 10_000; i++) engine.next();
  expect(engine.next()).toBe(4123659995);
});

it("gives the authors' published outputs when seeded by an array", () => {
  const engine = new Mt19937();
  engine.seedByArray([0x123, 0x234, 0x345, 0x456]);
  const outputs = Array.from({ length: 5 }, () => engine.next());
  expect(outputs).toEqual([1067595299, 955945823, 477289528, 4107218783, 4228976476]);
});

it("exports a state that another engine goes on from", () => {
  const engine = new Mt19937(1);
  for (let i = 0; i < 700; i++) engine.next();
  const other = new Mt19937(2);
  other.setState(engine.getState());
  expect(Array.from({ length: 1300 }, () => other.next())).toEqual(Array.from({ length: 1300 }, () => engine.next()));
});

it("tells a fresh state from a used one", () => {
  const engine = new Mt19937(1);
  expect(engine.getState()).toMatchObject({ position: 624, fresh: true });
  for (let i = 0; i < 624; i++) engine.next();
  expect(engine.getState()).toMatchObject({ position: 624, fresh: false });
});
