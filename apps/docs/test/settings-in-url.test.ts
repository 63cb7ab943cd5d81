import { describe, expect, it } from "vitest";
import type { Controls, Point } from "../src/figure/figure-definition.js";
import { restore, store } from "../src/figure/settings-in-url.js";

interface Settings {
  readonly rate: number;
  readonly seed: number;
  readonly kind: "sgd" | "adam";
  readonly fog: boolean;
  readonly start: Point | null;
  readonly points: readonly Point[] | null;
}

const controls: Controls<null, Settings> = {
  rate: { kind: "slider", label: "Rate", start: 0.1, min: 0, max: 1, step: 0.01 },
  seed: { kind: "seed", start: 0 },
  kind: { kind: "choice", label: "Kind", start: "sgd", options: { sgd: "SGD", adam: "Adam" } },
  fog: { kind: "switch", label: "Fog", start: true },
  start: { kind: "place", start: null },
  points: { kind: "places", start: null },
};
const figure = { name: "race", controls };
const start: Settings = { rate: 0.1, seed: 0, kind: "sgd", fog: true, start: null, points: null };

describe("settings in an address", () => {
  it("come back as they went", () => {
    const changed: Settings = {
      rate: 0.25,
      seed: 7,
      kind: "adam",
      fog: false,
      start: [-1.5, 2],
      points: [
        [1, 2.5],
        [-3, 4],
      ],
    };
    const query = store(figure, "", changed, 12);
    expect(query).toBe(
      "?race.rate=0.25&race.seed=7&race.kind=adam&race.fog=false&race.start=-1.5_2&race.points=1_2.5*-3_4&race.at=12",
    );
    expect(restore(figure, query)).toEqual({ settings: changed, at: 12 });
  });

  it("are left out where they are as at the start, and leave other figures' alone", () => {
    expect(store(figure, "", start, 0)).toBe("");
    expect(store(figure, "?race.rate=0.5&other.rate=3", start, 0)).toBe("?other.rate=3");
  });

  it("that cannot be read are those of the start", () => {
    const query =
      "?race.rate=7&race.seed=1.5&race.kind=toString&race.fog=perhaps&race.start=1_2_3&race.points=1_2*x&race.at=-3";
    const { settings, at } = restore(figure, query);
    expect({ ...start, ...settings }).toEqual(start);
    expect(at).toBe(0);
  });
});
