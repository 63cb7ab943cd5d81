/** A module that programs can import, loaded when the first one does. */
export type Door = () => Promise<object>;

/** All that programs can import: every door of the packages, as the bundler finds them. */
export const doors: Readonly<Record<string, Door>> = {
  "@downhill/core": () => import("@downhill/core"),
  "@downhill/core/compiler": () => import("@downhill/core/compiler"),
  "@downhill/core/engine": () => import("@downhill/core/engine"),
  "@downhill/core/files": () => import("@downhill/core/files"),
  "@downhill/core/testing": () => import("@downhill/core/testing"),
  "@downhill/data": () => import("@downhill/data"),
  "@downhill/nn": () => import("@downhill/nn"),
  "@downhill/nn/onnx": () => import("@downhill/nn/onnx"),
  "@downhill/optim": () => import("@downhill/optim"),
  "@downhill/webgpu": () => import("@downhill/webgpu"),
};
