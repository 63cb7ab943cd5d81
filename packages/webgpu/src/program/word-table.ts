/**
 * What a Program's shaders look up because it may change from run to run: addresses, run-time numbers, the number of the run.
 * Words that have always been equal share a place, and those that have moved stand at the end, those that move most often
 * last: so what a run has to send is one short stretch. It is arranged anew when words part, or one moves for the first
 * time, which in a loop is over after a few turns.
 */
export class WordTable {
  /** What stands at each place. */
  readonly values: Uint32Array<ArrayBuffer>;
  /** The place of each word. */
  readonly places: Uint32Array<ArrayBuffer>;
  /** The stretch of `values` that the last `update` has changed. */
  first = 0;
  end = 0;
  private readonly words: Uint32Array<ArrayBuffer>;
  /** How often each word has moved. */
  private readonly moves: Uint32Array<ArrayBuffer>;
  /** The update that met each place last. */
  private readonly met: Uint32Array<ArrayBuffer>;
  private updates = 0;

  /** `values` has room for `count` words. */
  constructor(values: Uint32Array<ArrayBuffer>, count: number) {
    this.values = values;
    this.places = new Uint32Array(count);
    this.words = new Uint32Array(count);
    this.moves = new Uint32Array(count);
    this.met = new Uint32Array(count);
  }

  /** Takes the words of a run; tells whether they have been arranged anew and stand at other places. */
  update(words: Uint32Array): boolean {
    const { values, places, moves, met } = this;
    const update = ++this.updates;
    let arrange = update === 1;
    let changed = 0;
    this.first = values.length;
    this.end = 0;
    for (let i = 0; i < words.length; i++) {
      const place = places[i]!;
      const word = words[i]!;
      if (update > 1 && this.words[i] !== word && moves[i]!++ === 0) arrange = true;
      this.words[i] = word;
      if (met[place] === update) {
        // It has parted from those that it shared the place with.
        if (values[place] !== word) arrange = true;
        continue;
      }
      met[place] = update;
      if (values[place] === word) continue;
      values[place] = word;
      changed++;
      this.first = Math.min(this.first, place);
      this.end = Math.max(this.end, place + 1);
    }
    // Now and then it is tidied up: what moved at first may move no more.
    const isScattered = this.end - this.first > 2 * changed && (update & (update - 1)) === 0;
    if (arrange || isScattered) this.arrange();
    return arrange || isScattered;
  }

  private arrange(): void {
    const { values, places, words, moves } = this;
    const shared = new Map<string, number[]>();
    words.forEach((word, i) => {
      const key = `${places[i]!} ${word}`;
      const members = shared.get(key);
      if (members === undefined) shared.set(key, [i]);
      else members.push(i);
    });
    const inOrder = [...shared.values()].sort((a, b) => moves[a[0]!]! - moves[b[0]!]!);
    inOrder.forEach((members, place) => {
      values[place] = words[members[0]!]!;
      for (const i of members) places[i] = place;
    });
    this.first = 0;
    this.end = inOrder.length;
  }
}
