// Ops that are functions alone: a method is in every program, these only where they are imported.
export * from "./composite/broadcasting.js";
export * from "./composite/counting.js";
export * from "./composite/covariance.js";
export * from "./composite/distances.js";
export * from "./composite/order-statistics.js";
export * from "./composite/pairs.js";
export * from "./composite/placing.js";
export * from "./composite/products.js";
export * from "./composite/running.js";
export * from "./composite/singles.js";
export * from "./composite/splitting.js";
export * from "./composite/stacking.js";
export * from "./composite/summaries.js";
export * from "./composite/turning.js";
