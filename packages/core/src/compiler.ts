/** What backends that compile Programs build on: `@downhill/core/compiler`. */
export { FreeList } from "./backend/free-list.js";
export { type HeapUsage, type HeldBlock, type Holder, outOfMemory } from "./backend/heap-usage.js";
export { type Affine, affineKey, isConstant, type Moving } from "./kernel/affine.js";
export type { Source } from "./kernel/expression-builder.js";
export { type Expression, mapOf, partsOf, type Place, type Reduction } from "./kernel/expression.js";
export type { Kernel, Loop, LoopKernel, MatmulKernel, NodeKernel, Store } from "./kernel/kernel.js";
export type { Double, DoubleCode, Float, FloatCode, Int, Mask } from "./kernel/maths/float-code.js";
export { floatBinary, floatUnary } from "./kernel/maths/functions.js";
export { type Work, workOfLoops, workOfMatmul, workOfNode } from "./kernel/work.js";
export { type MemoryPlan, planMemory, type PlannedValue } from "./program/memory-plan.js";
export { placesRead, type Schedule, schedule, valueOf } from "./program/schedule.js";
export { mayFail } from "./program/stored-values.js";
export { outOfRange } from "./reference/indexing.js";
export { broadcastStrides } from "./reference/kernel.js";
export { dividedByZero } from "./reference/numbers.js";
export { stridesOf } from "./shape.js";
