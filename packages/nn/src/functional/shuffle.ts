import { ShapeError, type Tensor } from "@downhill/core";
import { checkCount, checkTensor, composite, text } from "@downhill/core/engine";

type Shuffle = (x: Tensor, factor: number) => Tensor;

/** The dims before [C, H, W], and these three. */
function image(where: string, x: Tensor): [lead: readonly number[], c: number, h: number, w: number] {
  checkTensor(where, x);
  if (x.ndim < 3) throw new ShapeError(`${where}: the input must be [..., C, H, W], got shape ${text(x.shape)}`);
  const [c, h, w] = x.shape.slice(-3) as [number, number, number];
  return [x.shape.slice(0, -3), c, h, w];
}

const behind = (lead: readonly number[], dims: readonly number[]): number[] => [
  ...lead.keys(),
  ...dims.map((dim) => lead.length + dim),
];

/**
 * Makes larger images of more channels: [..., C · r², H, W] gives [..., C, H · r, W · r]; each r² channels are the pixels of
 * an r x r square. Same as torch.nn.functional.pixel_shuffle. Shi et al., 2016, arXiv:1609.05158.
 *
 * @throws ShapeError for channels that r² does not divide.
 *
 * @example
 * functional.pixelShuffle(tensor([[[1]], [[2]], [[3]], [[4]]]), 2); // tensor([[[1., 2.], [3., 4.]]])
 */
export const pixelShuffle: Shuffle = /* @__PURE__ */ composite((x: Tensor, upscaleFactor: number) => {
  const r = checkCount("pixelShuffle", "upscaleFactor", upscaleFactor, 1);
  const [lead, c, h, w] = image("pixelShuffle", x);
  if (c % (r * r) !== 0)
    throw new ShapeError(
      `pixelShuffle: ${c} channels do not divide by ${r}² (upscaleFactor), got shape ${text(x.shape)}`,
    );
  const squares = x.reshape([...lead, c / (r * r), r, r, h, w]);
  return squares.permute(...behind(lead, [0, 3, 1, 4, 2])).reshape([...lead, c / (r * r), h * r, w * r]);
});

/**
 * Undoes `pixelShuffle`: [..., C, H · r, W · r] gives [..., C · r², H, W]. Same as torch.nn.functional.pixel_unshuffle.
 *
 * @throws ShapeError for a height or width that r does not divide.
 *
 * @example
 * functional.pixelUnshuffle(tensor([[[1, 2], [3, 4]]]), 2).shape; // [4, 1, 1]
 */
export const pixelUnshuffle: Shuffle = /* @__PURE__ */ composite((x: Tensor, downscaleFactor: number) => {
  const r = checkCount("pixelUnshuffle", "downscaleFactor", downscaleFactor, 1);
  const [lead, c, h, w] = image("pixelUnshuffle", x);
  if (h % r !== 0 || w % r !== 0)
    throw new ShapeError(
      `pixelUnshuffle: height and width do not divide by ${r} (downscaleFactor), got shape ${text(x.shape)}`,
    );
  const squares = x.reshape([...lead, c, h / r, r, w / r, r]);
  return squares.permute(...behind(lead, [0, 2, 4, 1, 3])).reshape([...lead, c * r * r, h / r, w / r]);
});

/**
 * Mixes groups of channels: [N, C, …] is read as [N, groups, C / groups, …], and the two are swapped. Same as
 * torch.nn.functional.channel_shuffle. Zhang et al., 2017, arXiv:1707.01083.
 *
 * @throws ShapeError for channels that do not divide into the groups.
 *
 * @example
 * functional.channelShuffle(tensor([[[1], [2], [3], [4]]]), 2); // tensor([[[1.], [3.], [2.], [4.]]])
 */
export const channelShuffle: Shuffle = /* @__PURE__ */ composite((x: Tensor, groups: number) => {
  checkCount("channelShuffle", "groups", groups, 1);
  checkTensor("channelShuffle", x);
  if (x.ndim < 3) throw new ShapeError(`channelShuffle: the input must be [N, C, …], got shape ${text(x.shape)}`);
  const [samples, channels, ...rest] = x.shape as [number, number, ...number[]];
  if (channels % groups !== 0)
    throw new ShapeError(
      `channelShuffle: ${channels} channels do not divide into ${groups} groups, got shape ${text(x.shape)}`,
    );
  return x
    .reshape([samples, groups, channels / groups, ...rest])
    .transpose(1, 2)
    .reshape(x.shape);
});
