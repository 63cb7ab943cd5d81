const now = (): number => (globalThis as { performance?: { now(): number } }).performance?.now() ?? Date.now();

/**
 * Milliseconds that the GPU takes for one turn of what `encode` asks for: as many turns in one submission as take `least`
 * milliseconds, then the best of three, since others use the GPU too.
 */
export async function stopwatch(
  device: GPUDevice,
  least: number,
  encode: (pass: GPUComputePassEncoder) => void,
): Promise<number> {
  const time = async (turns: number): Promise<number> => {
    const encoder = device.createCommandEncoder({ label: "downhill: stopwatch" });
    const pass = encoder.beginComputePass({ label: "downhill: stopwatch" });
    for (let turn = 0; turn < turns; turn++) encode(pass);
    pass.end();
    await device.queue.onSubmittedWorkDone();
    const start = now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return now() - start;
  };
  // The first turn may still set things up.
  await time(1);
  let turns = 1;
  let last = await time(turns);
  for (; last < least && turns < 2 ** 14; last = await time(turns)) turns *= 2;
  return Math.min(last, await time(turns), await time(turns)) / turns;
}
