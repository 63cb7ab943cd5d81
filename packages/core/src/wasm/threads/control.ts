/**
 * Where threads find what they must know of each other, in the bytes at the start of the memory that the Heap never gives
 * out. Words that different threads write lie 128 bytes apart: processors fetch cache lines in pairs.
 */
export const control = {
  /** 64 bits: the number of the job, and below it how many chunks of it nobody has taken yet. */
  ticket: 256,
  /** Chunks that are not done. */
  pending: 384,
  /** Rung when there is something to do; who sleeps waits for it to change. */
  bell: 512,
  sleepers: 640,
  /** Messages posted to the workers: whoever has seen fewer turns to them. */
  mail: 768,
  /** The job: written while no chunk is left, read while some are. */
  program: 896,
  kernel: 900,
  /** Turns in all, of a chunk, and how many chunks that makes. */
  size: 904,
  chunk: 908,
  count: 912,
  /** The number of the job, as the main thread counts. */
  job: 916,
  /** Not 0 once a chunk has failed. */
  failed: 1024,
} as const;
