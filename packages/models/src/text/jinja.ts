/**
 * @file The parts of @huggingface/jinja that are used, with types. Its own declarations import their neighbours without
 * file endings, which TypeScript's NodeNext resolution reads as `any`.
 */
import * as library from '@huggingface/jinja';

/** A node of the syntax tree; fields differ by type. */
export interface SyntaxNode {
  readonly type: string;
  readonly object?: SyntaxNode;
  readonly property?: SyntaxNode;
  readonly computed?: boolean;
  readonly test?: SyntaxNode;
  readonly operand?: SyntaxNode;
  readonly iterable?: SyntaxNode;
  readonly lhs?: SyntaxNode;
  readonly callee?: SyntaxNode;
  readonly args?: readonly SyntaxNode[];
  /** Of an identifier its name. */
  readonly value?: unknown;
}

/** A value of a running template: text, number, list (array), mapping or namespace (Map), function, nothing. */
export interface RuntimeValue {
  readonly type: string;
  value: unknown;
}

export interface Scope {
  set(name: string, value: unknown): RuntimeValue;
}

/** `applyFilter` and `evaluateArguments` are private in the library; the tests of hostile templates guard their names. */
interface InterpreterMethods {
  run(program: SyntaxNode): RuntimeValue;
  evaluate(node: SyntaxNode | undefined, scope: Scope): RuntimeValue;
  applyFilter(operand: RuntimeValue, filter: SyntaxNode, scope: Scope): RuntimeValue;
  evaluateArguments(nodes: readonly SyntaxNode[], scope: Scope): [RuntimeValue[], Map<string, RuntimeValue>];
}

const typed = library as unknown as {
  Environment: new () => Scope;
  Interpreter: new (scope: Scope) => InterpreterMethods;
  tokenize(source: string, options: { lstrip_blocks: boolean; trim_blocks: boolean }): unknown[];
  parse(tokens: unknown[]): SyntaxNode;
};

export const { Environment, Interpreter } = typed;

/** @throws SyntaxError, and RangeError for what nests beyond the stack */
export const parseTemplate = (source: string): SyntaxNode =>
  typed.parse(typed.tokenize(source, { lstrip_blocks: true, trim_blocks: true }));
