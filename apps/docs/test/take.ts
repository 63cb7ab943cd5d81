/** The first states of an experiment. */
export async function take<State>(experiment: AsyncIterable<State>, count: number): Promise<State[]> {
  const states: State[] = [];
  for await (const state of experiment) {
    states.push(state);
    if (states.length === count) break;
  }
  return states;
}
