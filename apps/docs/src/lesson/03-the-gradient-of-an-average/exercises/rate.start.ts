// Four examples, at x = 1, 2, 3 and 4. Up to which rate does full-batch descent settle?
export const rate = 0.01;
