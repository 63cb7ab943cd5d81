import type { ProgramNode } from "../../program/program.js";
import type { Code } from "../assembler.js";
import type { Refuse } from "./index-check.js";

/** A source of a Node: the address of its elements in a local, or its one element. */
export interface NodeSource {
  readonly isNumber: boolean;
  readonly local: number;
}

/** What the code of a Node works on. */
export interface NodeParts {
  readonly simd: boolean;
  /** The local with the address of the result. */
  readonly out: number;
  readonly sources: readonly NodeSource[];
  readonly refuse: Refuse;
  /** Puts the address of working memory on the stack. */
  readonly scratch: (code: Code) => void;
}

/** Writes the code of one Node, whose sources have the shapes and dtypes of `srcs`. May change the locals with addresses. */
export type NodeWriter = (code: Code, node: ProgramNode, srcs: readonly ProgramNode[], parts: NodeParts) => void;
