import type { DType } from "@downhill/core";
import type { MatmulKernel } from "@downhill/core/compiler";
import type { Choice } from "./matmul-variants.js";

/** What a Kernel's writer knows of the Program that it belongs to, and of the device. */
export interface Surroundings {
  dtypeOf(value: number): DType;
  /** Elements of a value. */
  lengthOf(value: number): number;
  /** Whether a value is written right over a variable, which stays as it is after a failure. */
  overwrites(value: number): boolean;
  readonly limits: {
    readonly maxComputeInvocationsPerWorkgroup: number;
    readonly maxComputeWorkgroupStorageSize: number;
  };
  /** Threads of the device's smallest subgroup, which exchange values without a barrier; 0 where they cannot. */
  readonly subgroupSize: number;
  /** Whether the device computes with float16 (shader-f16), and so rounds to it. */
  readonly roundsHalves: boolean;
  /** How a matrix product is computed. */
  readonly chooseMatmul: (kernel: MatmulKernel) => Choice;
}
