/** A lock of the page's that a worker holds as long as it lives: whoever waits for it hears of the end. */

const locks = (): LockManager | undefined =>
  typeof navigator === "undefined" ? undefined : (navigator as Partial<Navigator>).locks;

let count = 0;

/** A name for a lock of this page's; null where there are no locks (pages without https). */
export function lockName(): string | null {
  if (locks() === undefined) return null;
  return `downhill:${Date.now().toString(36)}:${Math.random().toString(36).slice(2)}:${count++}`;
}

/** Takes a lock for good. Resolves to whether it is held. */
export function holdForLife(name: string | null): Promise<boolean> {
  const manager = locks();
  if (name === null || manager === undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    const held = manager.request(name, () => {
      resolve(true);
      return new Promise<never>(() => undefined);
    });
    held.catch(() => resolve(false));
  });
}

/** Calls `ended` once whoever holds the lock is gone; returns what stops that. */
export function onEndOfLife(name: string, ended: () => void): () => void {
  const stop = new AbortController();
  locks()
    ?.request(name, { signal: stop.signal }, ended)
    .catch(() => undefined);
  return () => stop.abort();
}
