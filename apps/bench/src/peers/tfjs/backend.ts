import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";

// Single-threaded in Node: its wasm backend starts threads in browsers only.
await tf.setBackend("wasm");
await tf.ready();

export { tf };
