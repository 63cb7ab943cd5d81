import { useEffect, useState, useSyncExternalStore } from "react";
import { type Control, controlsOf, type FigureDefinition, startOf } from "./figure-definition.js";
import { Player, type Snapshot } from "./player.js";
import { restore, store } from "./settings-in-url.js";
import { failureOf, WorkerRunner } from "./worker-runner.js";

const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
const still = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

const isViewOnly = <State>(control: Control<State>): boolean => "viewOnly" in control && control.viewOnly;

/** A player for a figure; it starts from what the page's address says, and keeps the address up to date. */
export function usePlayer<State, Settings>(
  definition: FigureDefinition<State, Settings>,
): [Player<State, Settings>, Snapshot<State, Settings>] {
  const [player] = useState(
    () =>
      new Player<State, Settings>({
        runner: new WorkerRunner<State, Settings>(),
        failureOf,
        text: definition.experiment,
        settings: startOf(definition),
        limit: definition.limit ?? 500,
        pace: definition.pace ?? 20,
        onChange: definition.onChange ?? "replay",
        viewOnly: new Set(controlsOf(definition).flatMap(([name, control]) => (isViewOnly(control) ? [name] : []))),
        frame,
        still,
      }),
  );
  const snapshot = useSyncExternalStore(player.subscribe, player.snapshot, player.snapshot);
  useEffect(() => () => player.close(), [player]);
  useAddress(definition, player, snapshot);
  return [player, snapshot];
}

function useAddress<State, Settings>(
  definition: FigureDefinition<State, Settings>,
  player: Player<State, Settings>,
  { settings, at, states, running }: Snapshot<State, Settings>,
): void {
  const started = states.length > 0;
  useEffect(() => {
    if (!started || running) return undefined;
    const timer = setTimeout(() => {
      const query = store(definition, location.search, settings, at);
      // Not through the router: nothing on the page is to change.
      if (query !== location.search)
        history.replaceState(history.state, "", `${location.pathname}${query}${location.hash}`);
    }, 150);
    return () => clearTimeout(timer);
  }, [definition, settings, at, started, running]);
}

/** Starts a player when the page is there and its figure comes near the screen, where the page's address says. */
export function useStart<State, Settings>(
  definition: FigureDefinition<State, Settings>,
  player: Player<State, Settings>,
  element: { readonly current: Element | null },
): void {
  useEffect(() => {
    const { settings, at } = restore(definition, location.search);
    void player.set(settings);
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        observer.disconnect();
        void player.start(at);
      },
      { rootMargin: "100px" },
    );
    // Reading comes first: the worker and the packages load after all that the page itself needs.
    const watch = (): void => observer.observe(element.current!);
    if (document.readyState === "complete") watch();
    else addEventListener("load", watch, { once: true });
    return () => {
      removeEventListener("load", watch);
      observer.disconnect();
    };
  }, [definition, player, element]);
}
