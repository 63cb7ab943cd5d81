import { expect, test } from "vitest";
import { userFrame } from "../../src/autograd/user-frame.js";

const root = new URL("../../../", import.meta.url).pathname;

test("finds the innermost line outside Downhill, and the method called there, in each engine's stacks", () => {
  const cases: [string, { line: string; method: string | undefined } | undefined][] = [
    [
      `Error\n    at place (${root}core/src/program/node.ts:1:2)\n    at Tensor.log (${root}core/src/methods.ts:3:4)\n    at Linear.forward (${root}nn/src/linear.ts:5:6)\n    at train (${root}core/test/a.test.ts:7:8)\n    at main (/srv/a.ts:9:9)`,
      { line: `at train (${root}core/test/a.test.ts:7:8)`, method: "forward" },
    ],
    [
      "Error\n    at Tensor.exp (file:///app/node_modules/@downhill/core/dist/methods.js:3:4)\n    at node:internal/x:1:1\n    at file:///app/train.mjs:7:8",
      { line: "at file:///app/train.mjs:7:8", method: "exp" },
    ],
    [
      "exp@http://localhost/node_modules/@downhill/core/dist/methods.js?v=1:3:4\nstep@http://localhost/train.js:7:8\n",
      { line: "step@http://localhost/train.js:7:8", method: "exp" },
    ],
    [
      "Error\n    at Tensor.exp (C:\\app\\node_modules\\@downhill\\core\\dist\\methods.js:3:4)\n    at C:\\app\\train.mjs:7:8",
      { line: "at C:\\app\\train.mjs:7:8", method: "exp" },
    ],
    [
      "Error\n    at Tensor.exp (http://a/@downhill/core/dist/methods.js:3:4)\n    at eval (eval at run (http://a/worker.js:1:1), <anonymous>:3:5)\n    at run (http://a/worker.js:1:1)",
      { line: "at eval (eval at run (http://a/worker.js:1:1), <anonymous>:3:5)", method: "exp" },
    ],
    [
      "exp@http://a/@downhill/core/dist/methods.js:3:4\nanonymous@http://a/worker.js line 2 > Function:3:5",
      { line: "anonymous@http://a/worker.js line 2 > Function:3:5", method: "exp" },
    ],
    [`Error\n    at place (${root}core/src/program/node.ts:1:2)`, undefined],
    ["", undefined],
  ];
  for (const [stack, expected] of cases) expect(userFrame(stack)).toEqual(expected);
});
