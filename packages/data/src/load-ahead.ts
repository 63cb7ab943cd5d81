import { isPromise } from "./fetch.js";
import type { SampleSource } from "./iterable-dataset.js";

/** A batch on its way. */
interface Flight<Batch> {
  /** Its item's place in the pass. */
  readonly number: number;
  /** What was noted when the item was drawn. */
  readonly mark: readonly Uint8Array[] | null;
  /** What it loads; undefined where there was no more. */
  readonly arrives: Promise<{ readonly batch: Batch } | undefined>;
  /** Begins to load, where that has been put off. */
  start(): void;
}

/** A batch that has arrived. */
export interface Arrival<Batch> {
  readonly number: number;
  readonly mark: readonly Uint8Array[] | null;
  readonly batch: Batch;
}

export interface AheadOptions<Item, Batch> {
  /** How many batches are on their way beside the one that has been given. */
  readonly ahead: number;
  readonly inOrder: boolean;
  /** The number of the first item, and those that are passed over. */
  readonly first: number;
  readonly done: ReadonlySet<number>;
  load(item: Item, number: number): Batch | Promise<Batch>;
  /** Begin when the caller waits for something, or for this batch: for what is loaded in this thread. */
  readonly later: boolean;
  /** Called when an item has been drawn; what it gives comes with the batch. */
  mark(): readonly Uint8Array[] | null;
  /** Waits for what has to come next. */
  wait<T>(arrival: Promise<T>): Promise<T>;
}

/** Loads items, of which some are on their way while the caller works on others. They are drawn in order. */
export async function* loadAhead<Item, Batch>(
  items: SampleSource<Item>,
  options: AheadOptions<Item, Batch>,
): AsyncGenerator<Arrival<Batch>> {
  const { ahead, inOrder, later, done } = options;
  const source = Symbol.iterator in items ? items[Symbol.iterator]() : items[Symbol.asyncIterator]();
  const flights: Flight<Batch>[] = [];
  let number = options.first;
  let over = false;
  let drawn: Promise<unknown> = Promise.resolve();

  const depart = (): void => {
    const own = number++;
    const next = source.next();
    if (!isPromise(next)) {
      over = next.done === true;
      if (next.done === true || done.has(own)) return;
      const item = next.value;
      flights.push(flightOf(own, options.mark(), later, async () => ({ batch: await options.load(item, own) })));
      return;
    }
    const arrives = Promise.all([next, drawn]).then(async ([{ done: none, value }]) => {
      if (none === true) over = true;
      return none === true || done.has(own) ? undefined : { batch: await options.load(value, own) };
    });
    drawn = next;
    flights.push(flightOf(own, options.mark(), false, () => arrives));
  };
  const fill = (count: number): void => {
    while (!over && flights.length < count) depart();
  };

  try {
    for (;;) {
      fill(Math.max(ahead, 1));
      const flight = flights[0];
      if (flight === undefined) return;
      const first = inOrder ? flight : await options.wait(firstOf(flights));
      first.start();
      const arrival = await options.wait(first.arrives);
      flights.splice(flights.indexOf(first), 1);
      if (arrival === undefined) continue;
      fill(ahead);
      yield { number: first.number, mark: first.mark, batch: arrival.batch };
    }
  } finally {
    await source.return?.();
  }
}

function flightOf<Batch>(
  number: number,
  mark: readonly Uint8Array[] | null,
  later: boolean,
  load: () => Flight<Batch>["arrives"],
): Flight<Batch> {
  let start = (): void => undefined;
  const arrives = new Promise<void>((resolve) => {
    if (!later) return resolve();
    const timer = setTimeout(resolve, 0);
    start = () => {
      clearTimeout(timer);
      resolve();
    };
  }).then(load);
  arrives.catch(() => undefined); // it is heard when its turn comes
  return { number, mark, arrives, start };
}

/** The one that arrives first; with an error too. */
function firstOf<Batch>(flights: readonly Flight<Batch>[]): Promise<Flight<Batch>> {
  return Promise.race(
    flights.map((flight) => {
      flight.start();
      return flight.arrives.then(
        () => flight,
        () => flight,
      );
    }),
  );
}
