// The ground is 2x² + 20y². The walk starts at (1, 1) and takes 500 steps.
export const rate = 0.01;
