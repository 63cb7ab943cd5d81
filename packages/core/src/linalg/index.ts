/** Linear algebra: what torch.linalg has for real matrices, with gradients, on every device. */
export { cholesky, type CholeskyOptions } from "./cholesky.js";
export { eigh, type EighOptions, eigvalsh } from "./eigh.js";
export { lstsq } from "./lstsq.js";
export { cond, matrixNorm, type MatrixNormOptions, type MatrixOrder, vecdot, vectorNorm } from "./norms.js";
export { qr, type QROptions } from "./qr.js";
export { det, inv, matrixPower, multiDot, slogdet, solve, type SolveOptions } from "./solve.js";
export { matrixRank, pinv, type RankOptions, svd, type SVDOptions, svdvals } from "./svd.js";
export { solveTriangular, type SolveTriangularOptions } from "./triangular.js";
