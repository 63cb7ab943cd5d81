import type { DType } from "@downhill/core";

/** What a Kernel's writer knows of the Program that it belongs to, and of the device. */
export interface Surroundings {
  dtypeOf(value: number): DType;
  /** Elements of a value. */
  lengthOf(value: number): number;
  readonly limits: {
    readonly maxComputeInvocationsPerWorkgroup: number;
    readonly maxComputeWorkgroupStorageSize: number;
  };
  /** Whether threads of a subgroup may add up their values at once. */
  readonly subgroups: boolean;
}
