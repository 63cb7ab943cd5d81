// Four examples: (1, 4), (2, 8), (4, 11), (5, 15). Which line costs less than 0.7?
export const w = 1;
export const b = 5;
