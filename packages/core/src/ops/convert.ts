import { Device, deviceNames, getDevice } from "../backend/device.js";
import { checkDType, type DType, dtypes } from "../dtype.js";
import { isGradEnabled } from "../autograd/mode.js";
import { DeviceError, DTypeError, show } from "../errors.js";
import { bufferNode } from "../program/node.js";
import { apply, COPY, Tensor } from "../tensor.js";
import { cast } from "./cast.js";
import type { Mask } from "./mask.js";

/** Makes a copy that gradients flow through. Same as torch.clone. */
export function clone(x: Tensor): Tensor {
  return apply(COPY, [x], [], x.shape, x.dtype);
}

/**
 * Converts to a dtype, or moves to a device; the same tensor if nothing changes. Same as torch.Tensor.to.
 *
 * @throws DeviceError for a move of a tensor with a graph (move before computing), or from a device that reads later.
 */
export function to(x: Tensor, target: DType | Device | (string & Record<never, never>)): Tensor {
  if (typeof target === "string" && (dtypes as readonly string[]).includes(target))
    return cast(x, checkDType("to", target));
  if (target === "int64" || target === "long") checkDType("to", target);
  if (!(target instanceof Device) && !deviceNames().includes(target) && target !== "webgpu") {
    throw new DTypeError(
      `to: takes a dtype or a device, got ${show(target)}`,
      `the dtypes are ${dtypes.join(", ")}; the devices ${deviceNames().join(", ")}`,
    );
  }
  const device = getDevice(target);
  if (device === x.device) return x;
  if (x.requiresGrad && isGradEnabled()) {
    throw new DeviceError(
      `to: gradients do not flow from ${device.name} back to ${x.device.name}`,
      "move data and parameters before computing with them, or move x.detach()",
    );
  }
  const data = x.detach().read();
  if (data instanceof Promise)
    throw new DeviceError(`to: ${x.device.name} is read asynchronously`, "await x.data() and make a tensor of it");
  const buffer = device.backend.allocate(x.dtype, data.length);
  device.backend.write(buffer, data);
  return new Tensor(bufferNode(buffer, x.shape, x.dtype, device));
}

/** Converts to float32. */
export const float = (x: Tensor): Tensor => cast(x, "float32");
/** Converts to float64. Same as torch.Tensor.double. */
export const double = (x: Tensor): Tensor => cast(x, "float64");
/** Converts to float16. Same as torch.Tensor.half. */
export const half = (x: Tensor): Tensor => cast(x, "float16");
/** Converts to int32. */
export const int = (x: Tensor): Tensor => cast(x, "int32");
/** Converts to int32, which stands for PyTorch's int64 here. */
export const long = (x: Tensor): Tensor => cast(x, "int32");
/** Converts to bool: whether elements are not 0. */
export const bool = (x: Tensor): Mask => cast(x, "bool") as Mask;
