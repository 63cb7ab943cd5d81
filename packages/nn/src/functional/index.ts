export { linear } from "./linear.js";
export { l1Loss, mseLoss, type LossOptions, type Reduction } from "./loss.js";
