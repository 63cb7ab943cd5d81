/** Models as ONNX files: `@downhill/nn/onnx`. */
export { exportOnnx, type ExportOnnxOptions, onnxOpset } from "./export-onnx.js";
