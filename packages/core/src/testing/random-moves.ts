import { sizeOf } from "../shape.js";
import { type Make, most, unit } from "./program-builder.js";

// Steps that show or put elements in other places: views, windows, joins, reads and writes by index.

export const slice: Make = (b, x, y, _, detail) => {
  const { shape } = b.node(x);
  if (shape.length === 0) return b.move("reshape", x, [1, 1], []);
  const dim = b.dim(x, detail);
  const size = shape[dim]!;
  const step = 1 + (y % 3);
  const length = Math.min(Math.floor((size + step - 1) / step), 1 + ((y >> 2) % Math.max(size, 1)));
  const room = size - Math.max((length - 1) * step + 1, 0);
  return b.move(
    "slice",
    x,
    shape.with(dim, length),
    [dim, length, step],
    b.number(room > 0 ? (y >> 4) % (room + 1) : 0, "int32"),
  );
};

export const unslice: Make = (b, x, y, _, detail) => {
  const { shape } = b.node(x);
  if (shape.length === 0) return b.move("reshape", x, [1], []);
  const dim = b.dim(x, detail);
  const step = 1 + (y % 3);
  const room = (y >> 2) % 4;
  const size = Math.max((shape[dim]! - 1) * step + 1, 0) + room;
  if ((sizeOf(shape) / Math.max(shape[dim]!, 1)) * size > most) return b.turned(x);
  return b.move("unslice", x, shape.with(dim, size), [dim, size, step], b.number((y >> 4) % (room + 1), "int32"));
};

export const windows: Make = (b, x, y, _, detail) => {
  const { shape } = b.node(x);
  if (shape.length === 0 || shape.length > 4) return b.otherwise(x, y);
  const dim = b.dim(x, detail);
  const [size, step, dilation] = [1 + (y % 3), 1 + ((y >> 2) % 2), 1 + ((y >> 3) % 2)];
  const count = Math.floor((shape[dim]! - (size - 1) * dilation - 1) / step) + 1;
  if (count < 1) return b.otherwise(x, y);
  const to = shape.toSpliced(dim, 1, count, size);
  return sizeOf(to) > most ? b.otherwise(x, y) : b.move("windows", x, to, [dim, size, step, dilation]);
};

export const reshape: Make = (b, x, y) => {
  const { shape } = b.node(x);
  const size = sizeOf(shape);
  const divisors = [1, 2, 3, 4, 5, 7, 8].filter((n) => size % n === 0);
  const first = divisors[y % divisors.length]!;
  const to = [[size], [first, size / first], [size / first, first], [first, 1, size / first], [...shape, 1]][
    (y >> 3) % 5
  ]!;
  return b.move("reshape", x, to, []);
};

export const permute: Make = (b, x, y) => {
  const { shape } = b.node(x);
  if (shape.length < 2) return b.move("reshape", x, [...shape, 1], []);
  const by = 1 + (y % (shape.length - 1));
  const order = shape.map((_, i) => (i + by) % shape.length);
  if (y & 8) order.reverse();
  return b.move(
    "permute",
    x,
    order.map((dim) => shape[dim]!),
    order,
  );
};

export const expand: Make = (b, x, y) => {
  const { shape } = b.node(x);
  const at = shape.indexOf(1);
  const times = 2 + (y % 4);
  if (sizeOf(shape) * times > most || shape.length > 4) return b.otherwise(x, y);
  return at < 0 ? b.move("expand", x, [times, ...shape], []) : b.move("expand", x, shape.with(at, times), []);
};

export const cat: Make = (b, x, y, z, detail) => {
  const { shape, dtype } = b.node(x);
  if (shape.length === 0 || sizeOf(shape) * 3 > most) return b.otherwise(x, y);
  const dim = b.dim(x, detail);
  const rest = (place: number): boolean => {
    const node = b.node(place);
    return (
      node.dtype === dtype &&
      node.shape.length === shape.length &&
      node.shape.every((n, i) => i === dim || n === shape[i])
    );
  };
  const parts = [
    x,
    ...[y, z].map((place) => (rest(place) ? place : b.input(shape.with(dim, 1 + (detail % 2)), dtype))),
  ];
  const size = parts.reduce((sum, part) => sum + b.node(part).shape[dim]!, 0);
  const known = parts.map((part) => b.known[part]!);
  return b.add("cat", parts, shape.with(dim, size), [dim], {
    bound: Math.max(...known.map(({ bound }) => bound)),
    error: Math.max(...known.map(({ error }) => error)),
  });
};

export const gather: Make = (b, x, y, z, detail) => {
  const { shape } = b.node(x);
  const dim = b.dim(x, detail);
  if (shape.length === 0 || shape[dim] === 0) return b.otherwise(x, y);
  const count = 1 + (y % 6);
  const to = shape.with(dim, count);
  const along = detail & 1 ? to : to.map((size, i) => (i === dim ? size : 1));
  if (sizeOf(to) > most) return b.otherwise(x, y);
  return b.move("gather", x, to, [dim, 1, 0, -1, ...to], b.index(along, shape[dim]!, y >> 3, z));
};

export const scatter: Make = (b, x, y, z, detail) => {
  const { shape, dtype } = b.node(x);
  const dim = b.dim(x, detail);
  if (shape.length === 0 || shape[dim] === 0) return b.otherwise(x, y);
  const count = 1 + (y % 6);
  const to = shape.with(dim, count);
  const along = detail & 1 ? to : to.map((size, i) => (i === dim ? size : 1));
  const adds = (y >> 3) & 1;
  let src = b.input(to, dtype);
  if (z % 2) src = b.binary("add", src, b.number(1, dtype), { bound: b.known[src]!.bound + 1, error: 0 });
  const index = b.index(along, shape[dim]!, y >> 4, z);
  const [p, q] = [b.known[x]!, b.known[src]!];
  const bound = p.bound + (adds ? count : 1) * q.bound;
  const known = { bound, error: p.error + q.error };
  const error = adds && known.error > 0 ? known.error + unit(dtype) * (count + 1) * bound : known.error;
  return b.small(b.add("scatter", [x, index, src], shape, [dim, 1, 0, -1, adds, ...shape], { bound, error }));
};

export const flip: Make = (b, x, y) => {
  const { shape } = b.node(x);
  return b.move(
    "flip",
    x,
    shape,
    shape.flatMap((_, dim) => ((y >> dim) & 1 ? [dim] : [])),
  );
};
