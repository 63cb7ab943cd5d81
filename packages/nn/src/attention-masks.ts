import { cat, ShapeError, type Tensor, zeros } from "@downhill/core";
import { iota, sameShape, text } from "@downhill/core/engine";
import { checkMask, type Masks } from "./functional/attention.js";

/** The masks that MultiheadAttention is given. */
interface Given {
  readonly keyPaddingMask: Tensor | null;
  readonly attnMask: Tensor | null;
  readonly isCausal: boolean;
}

interface Sizes {
  readonly samples: number;
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
}

/**
 * Checks the masks of MultiheadAttention and brings them to what broadcasts to scores [N, numHeads, L, S + extra]. The
 * `extra` keys behind the given ones can always be seen.
 */
export function attentionMasks(
  where: string,
  { keyPaddingMask, attnMask, isCausal }: Given,
  query: Tensor,
  { samples, heads, queries, keys }: Sizes,
  extra: number,
): Masks {
  const hidden: Tensor[] = [];
  const added: Tensor[] = [];
  const add = (mask: Tensor): void => {
    const { dtype, device, shape } = mask;
    const seen = (): Tensor => zeros([...shape.slice(0, -1), extra], { dtype, device });
    (dtype === "bool" ? hidden : added).push(extra === 0 ? mask : cat([mask, seen()], -1));
  };
  const check = (name: string, mask: Tensor, shapes: readonly (readonly number[])[]): void => {
    checkMask(where, name, mask, mask.shape, query);
    if (!shapes.some((shape) => sameShape(mask.shape, shape)))
      throw new ShapeError(
        `${where}: ${name} must have shape ${shapes.map(text).join(" or ")}, got ${text(mask.shape)}`,
      );
  };
  if (attnMask !== null) {
    check("attnMask", attnMask, [
      [queries, keys],
      [samples * heads, queries, keys],
    ]);
    add(attnMask.ndim === 2 ? attnMask : attnMask.reshape([samples, heads, queries, keys]));
  }
  if (keyPaddingMask !== null) {
    check("keyPaddingMask", keyPaddingMask, samples === 1 ? [[samples, keys], [keys]] : [[samples, keys]]);
    add(keyPaddingMask.reshape([samples, 1, 1, keys]));
  }
  const causal = isCausal && attnMask === null;
  if (causal && extra > 0) add(iota(keys, query.device).gt(iota(queries, query.device).reshape([queries, 1])));
  return { hidden, added, causal: causal && extra === 0 };
}
