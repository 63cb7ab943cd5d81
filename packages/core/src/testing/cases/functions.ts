import { tensor } from "../../creation.js";
import * as functions from "../../ops/functions.js";
import type { OpCases } from "../op-case.js";

const places = (data: number[] | number[][]): ReturnType<typeof tensor> => tensor(data, { dtype: "int32" });
const squares = [
  [2, 3],
  [2, 3],
];

export const functionsCases: OpCases<typeof functions> = {
  broadcastTo: { run: (x) => functions.broadcastTo(x, [2, 3]), shapes: [[3]] },
  broadcastTensors: { run: (x, y) => functions.broadcastTensors([x, y]), shapes: [[3, 1], [2]] },

  atleast1d: { run: functions.atleast1d, shapes: [[]] },
  atleast2d: { run: functions.atleast2d, shapes: [[3]] },
  atleast3d: { run: functions.atleast3d, shapes: [[3, 2]] },
  columnStack: { run: (x, y) => functions.columnStack([x, y]), shapes: [[3], [3, 2]] },
  dstack: { run: (x, y) => functions.dstack([x, y]), shapes: squares },
  blockDiag: { run: (x, y, z) => functions.blockDiag([x, y, z]), shapes: [[2, 1], [3], [1, 2]] },
  cartesianProd: { run: (x, y) => functions.cartesianProd([x, y]), shapes: [[2], [3]] },
  combinations: [
    { run: (x) => functions.combinations(x), shapes: [[4]] },
    { run: (x) => functions.combinations(x, 3, { withReplacement: true }), shapes: [[3]] },
  ],

  tensorSplit: [
    { run: (x) => functions.tensorSplit(x, 3), shapes: [[7]] },
    { run: (x) => functions.tensorSplit(x, [1, -1], 1), shapes: [[2, 4]] },
  ],
  hsplit: { run: (x) => functions.hsplit(x, 2), shapes: [[2, 4]] },
  vsplit: { run: (x) => functions.vsplit(x, [1]), shapes: [[3, 2]] },
  dsplit: { run: (x) => functions.dsplit(x, 3), shapes: [[1, 2, 3]] },

  fliplr: { run: functions.fliplr, shapes: [[2, 3]] },
  flipud: { run: functions.flipud, shapes: [[2, 3]] },
  rot90: [
    { run: (x) => functions.rot90(x), shapes: [[2, 3]] },
    { run: (x) => functions.rot90(x, -5, [2, 0]), shapes: [[2, 1, 3]] },
    { run: (x) => functions.rot90(x, 2), shapes: [[2, 3]] },
  ],

  signbit: { run: functions.signbit, shapes: [[2, 3]], differentiable: false },
  copysign: { run: (x, y) => functions.copysign(x, y), shapes: squares },
  hypot: { run: (x, y) => functions.hypot(x, y), shapes: squares },
  heaviside: { run: (x, y) => functions.heaviside(x, y), shapes: squares, differentiable: false },
  logaddexp: { run: (x, y) => functions.logaddexp(x, y), shapes: squares },
  logaddexp2: { run: (x, y) => functions.logaddexp2(x, y), shapes: squares },
  xlogy: { run: (x, y) => functions.xlogy(x, y), shapes: squares, range: [0.2, 2] },
  fmax: { run: (x, y) => functions.fmax(x, y), shapes: squares },
  fmin: { run: (x, y) => functions.fmin(x, y), shapes: squares },
  ldexp: { run: (x, y) => functions.ldexp(x, y), shapes: squares },
  floatPower: { run: (x, y) => functions.floatPower(x, y), shapes: squares, range: [0.2, 2], dtypes: ["float64"] },
  isclose: { run: (x, y) => functions.isclose(x, y, { atol: 1 }), shapes: squares, differentiable: false },

  logit: [
    { run: (x) => functions.logit(x), shapes: [[2, 3]], range: [0.1, 0.9] },
    { run: (x) => functions.logit(x, { eps: 0.25 }), shapes: [[2, 3]], range: [0.3, 0.7] },
  ],
  sinc: { run: functions.sinc, shapes: [[2, 3]] },
  isposinf: { run: functions.isposinf, shapes: [[2, 3]], differentiable: false },
  isneginf: { run: functions.isneginf, shapes: [[2, 3]], differentiable: false },
  entr: { run: functions.entr, shapes: [[2, 3]], range: [0.2, 2] },

  median: [
    { run: (x) => functions.median(x), shapes: [[2, 3]] },
    { run: (x) => functions.median(x, 1), shapes: [[2, 4]] },
  ],
  nanmedian: [
    { run: (x) => functions.nanmedian(x), shapes: [[2, 3]] },
    { run: (x) => functions.nanmedian(x, 0, { keepdim: true }), shapes: [[3, 2]] },
  ],
  kthvalue: { run: (x) => functions.kthvalue(x, 2, 0), shapes: [[3, 2]] },
  msort: { run: functions.msort, shapes: [[3, 2]] },
  mode: { run: (x) => functions.mode(x, 1), shapes: [[2, 3]] },
  quantile: [
    { run: (x) => functions.quantile(x, 0.3), shapes: [[2, 3]] },
    { run: (x) => functions.quantile(x, 0.6, 0, { keepdim: true, interpolation: "midpoint" }), shapes: [[4, 2]] },
  ],
  nanquantile: { run: (x) => functions.nanquantile(x, 0.3, 1), shapes: [[2, 3]] },

  stdMean: { run: (x) => functions.stdMean(x, 1), shapes: [[2, 3]] },
  varMean: { run: (x) => functions.varMean(x, 0, { keepdim: true }), shapes: [[3, 2]] },
  aminmax: { run: (x) => functions.aminmax(x, { dim: 1 }), shapes: [[2, 3]] },
  nansum: { run: (x) => functions.nansum(x, 1), shapes: [[2, 3]] },
  nanmean: { run: (x) => functions.nanmean(x), shapes: [[2, 3]] },

  cummax: { run: (x) => functions.cummax(x, 1), shapes: [[2, 5]] },
  cummin: { run: (x) => functions.cummin(x, 0), shapes: [[5, 2]] },
  logcumsumexp: { run: (x) => functions.logcumsumexp(x, -1), shapes: [[2, 5]] },
  diff: [
    { run: (x) => functions.diff(x), shapes: [[2, 4]] },
    {
      run: (x, y) => functions.diff(x, { n: 2, dim: 0, prepend: y }),
      shapes: [
        [3, 2],
        [1, 2],
      ],
    },
  ],
  trapezoid: [
    { run: (y) => functions.trapezoid(y, { dx: 0.5, dim: 0 }), shapes: [[3, 2]] },
    { run: (y, x) => functions.trapezoid(y, x), shapes: [[2, 3], [3]] },
  ],
  cumulativeTrapezoid: { run: (y) => functions.cumulativeTrapezoid(y), shapes: [[2, 4]] },

  tensordot: [
    {
      run: (x, y) =>
        functions.tensordot(x, y, [
          [0, 2],
          [1, 0],
        ]),
      shapes: [
        [2, 4, 3],
        [3, 2, 2],
      ],
    },
    {
      run: (x, y) => functions.tensordot(x, y, 1),
      shapes: [
        [2, 3],
        [3, 2],
      ],
    },
  ],
  inner: { run: (x, y) => functions.inner(x, y), shapes: [[2, 3], [3]] },
  vdot: { run: (x, y) => functions.vdot(x, y), shapes: [[3], [3]] },
  kron: { run: (x, y) => functions.kron(x, y), shapes: [[2, 2], [3]] },
  cross: {
    run: (x, y) => functions.cross(x, y),
    shapes: [
      [2, 3],
      [1, 3],
    ],
  },
  trace: { run: functions.trace, shapes: [[2, 3]] },
  vander: { run: (x) => functions.vander(x, 3), shapes: [[3]] },
  addmv: { run: (x, a, b) => functions.addmv(x, a, b, { beta: 0.5, alpha: 2 }), shapes: [[2], [2, 3], [3]] },
  addr: { run: (x, a, b) => functions.addr(x, a, b), shapes: [[2, 3], [2], [3]] },
  addbmm: {
    run: (x, a, b) => functions.addbmm(x, a, b),
    shapes: [
      [2, 2],
      [3, 2, 1],
      [3, 1, 2],
    ],
  },

  dist: { run: (x, y) => functions.dist(x, y), shapes: squares },
  cdist: [
    {
      run: (x, y) => functions.cdist(x, y),
      shapes: [
        [3, 2],
        [2, 2],
      ],
    },
    {
      run: (x, y) => functions.cdist(x, y, 1),
      shapes: [
        [2, 2, 2],
        [2, 1, 2],
      ],
    },
  ],
  pdist: { run: (x) => functions.pdist(x), shapes: [[3, 2]] },
  cov: [
    { run: (x) => functions.cov(x), shapes: [[2, 4]] },
    { run: (x, w) => functions.cov(x, { aweights: w, correction: 0 }), shapes: [[2, 3], [3]], range: [0.2, 2] },
  ],
  corrcoef: { run: functions.corrcoef, shapes: [[2, 4]] },

  histc: { run: (x) => functions.histc(x, { bins: 4, min: -1, max: 1 }), shapes: [[9]], differentiable: false },
  isin: { run: (x, y) => functions.isin(x, y), shapes: [[2, 3], [2]], differentiable: false },
  searchsorted: { run: (x, y) => functions.searchsorted(x.sort()[0], y), shapes: [[5], [2, 3]], differentiable: false },
  bucketize: {
    run: (x, y) => functions.bucketize(x, y.sort()[0], { right: true }),
    shapes: [[2, 3], [4]],
    differentiable: false,
  },

  select: { run: (x) => functions.select(x, 1, -1), shapes: [[2, 3]] },
  selectScatter: { run: (x, y) => functions.selectScatter(x, y, 0, 1), shapes: [[2, 3], [3]] },
  sliceScatter: {
    run: (x, y) => functions.sliceScatter(x, y, 1, { start: 1, step: 2 }),
    shapes: [
      [2, 5],
      [2, 2],
    ],
  },
  diagEmbed: [
    { run: (x) => functions.diagEmbed(x), shapes: [[2, 3]] },
    { run: (x) => functions.diagEmbed(x, -1, 0, 2), shapes: [[2, 2]] },
  ],
  diagflat: { run: (x) => functions.diagflat(x, 1), shapes: [[2, 2]] },
  diagonalScatter: { run: (x, y) => functions.diagonalScatter(x, y, -1), shapes: [[3, 2], [2]] },
  indexCopy: {
    run: (x, y) => functions.indexCopy(x, 0, places([2, 0]), y),
    shapes: [
      [3, 2],
      [2, 2],
    ],
  },
  takeAlongDim: { run: (x) => functions.takeAlongDim(x, places([[1, 0, 1]]), 1), shapes: [[2, 3]] },
  renorm: { run: (x) => functions.renorm(x, 2, 0, 1), shapes: [[3, 2]] },
};
