// The name is PyTorch's: torch.nn.utils.
export { parametersToVector, vectorToParameters } from "./parameter-vector.js";
export * as parametrizations from "./parametrizations.js";
export * as parametrize from "./parametrize.js";
