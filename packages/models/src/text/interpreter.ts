/**
 * @file The Jinja interpreter under a budget, so that a template from anywhere ends soon and stays small.
 *
 * A chat template is a program that came with a download. Neither a timer nor a thread truly bounds it: `vm` timeouts
 * leave memory free (one `replace` makes half a gigabyte), and a worker that passes its memory limit in one allocation
 * takes the whole process with it (measured on SyntaxNode 24). So the interpreter counts instead: every node that it evaluates
 * costs at least one step, values cost by their size, and no value may grow beyond a limit. The count is the same on
 * every machine, hence so is the outcome.
 */
import { Interpreter, type RuntimeValue, type Scope, type SyntaxNode } from './jinja.ts';

/** Thrown when a template passes a limit; caught by `ChatTemplate`. */
export class BudgetExceeded extends Error {
  readonly limit: string;

  constructor(limit: string) {
    super(limit);
    this.limit = limit;
  }
}

export interface Budget {
  /** Nodes evaluated, plus a sixteenth of the characters and elements that they return. */
  readonly steps: number;
  /** Characters of a string, or elements and characters inside of a list or mapping. */
  readonly size: number;
}

/** Nested evaluations; a macro that calls itself uses about six for each call. */
const maxDepth = 500;
/** Lists in lists and mappings in mappings. */
const maxNesting = 32;

const childrenOf = (node: SyntaxNode): SyntaxNode[] =>
  Object.values(node)
    .flatMap((field: unknown): unknown[] =>
      field instanceof Map ? [...field].flat() : Array.isArray(field) ? field : [field],
    )
    .filter((child): child is SyntaxNode => typeof child === 'object' && child !== null && 'type' in child);

/** A parsed template and what does not change from one rendering to the next. */
export interface AnalysedTemplate {
  readonly program: SyntaxNode;
  /** Characters of its source. */
  readonly length: number;
  /** Nodes whose list or mapping is looked into but not gone through. */
  readonly lookedInto: WeakSet<object>;
  /** Nodes that loops run over; charged by the element, since each makes a scope even when the loop is empty. */
  readonly loopedOver: WeakSet<object>;
}

export const analyseTemplate = (program: SyntaxNode, length: number): AnalysedTemplate => {
  const lookedInto = new WeakSet<object>();
  const loopedOver = new WeakSet<object>();
  const pending: SyntaxNode[] = [program];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const { type, object, test, operand, iterable } = node;
    if (type === 'MemberExpression' && object) lookedInto.add(object);
    if ((type === 'If' || type === 'Ternary') && test) lookedInto.add(test);
    if (type === 'TestExpression' && operand) lookedInto.add(operand);
    if (type === 'For' && iterable) loopedOver.add(iterable.lhs ?? iterable).add(iterable);
    for (const child of childrenOf(node)) pending.push(child);
  }
  return { program, length, lookedInto, loopedOver };
};

/** Elements and characters that writing a value out would visit; what is shared counts each time. */
interface Extent {
  readonly size: number;
  readonly nesting: number;
  /** Whether a namespace is inside, the only thing that a template can change. */
  readonly changes: boolean;
}

const isContainer = (value: RuntimeValue): boolean =>
  Array.isArray(value.value) || value.value instanceof Map;

/** Runs one rendering; made anew for each. */
export class BudgetedInterpreter extends Interpreter {
  private steps = 0;
  private depth = 0;
  private readonly template: AnalysedTemplate;
  private readonly budget: Budget;
  /** Of lists and mappings that hold no namespace: those never change once made. */
  private readonly extents = new WeakMap<object, Extent>();
  /** What the object of a member expression was when it was last evaluated. */
  private readonly objects = new WeakMap<object, RuntimeValue>();
  private readonly guarded = new WeakSet<object>();

  constructor(template: AnalysedTemplate, scope: Scope, budget: Budget) {
    super(scope);
    this.template = template;
    this.budget = budget;
  }

  private charge(steps: number): void {
    this.steps += steps;
    if (this.steps > this.budget.steps) throw new BudgetExceeded(`${this.budget.steps} steps`);
  }

  private checkSize(size: number): number {
    if (size > this.budget.size) throw new BudgetExceeded(`${this.budget.size} characters or elements`);
    return size;
  }

  private measure(value: RuntimeValue): Extent {
    if (typeof value.value === 'string')
      return { size: this.checkSize(1 + value.value.length), nesting: 0, changes: false };
    if (!isContainer(value)) return { size: 1, nesting: 0, changes: false };
    const known = this.extents.get(value);
    if (known) return known;
    this.charge(1);
    if (++this.depth > maxDepth) throw new BudgetExceeded(`${maxDepth} nested values`);
    const children = value.value as RuntimeValue[] | Map<string, RuntimeValue>;
    let size = 1;
    let nesting = 0;
    let changes = value.type === 'NamespaceValue';
    for (const child of children.values()) {
      const part = this.measure(child);
      size = this.checkSize(size + part.size);
      nesting = Math.max(nesting, part.nesting + 1);
      changes ||= part.changes;
    }
    this.depth--;
    if (children instanceof Map) for (const key of children.keys()) size = this.checkSize(size + key.length);
    if (nesting > maxNesting) throw new BudgetExceeded(`${maxNesting} lists in lists`);
    const extent = { size, nesting, changes };
    if (!changes) this.extents.set(value, extent);
    return extent;
  }

  override evaluate(node: SyntaxNode | undefined, scope: Scope): RuntimeValue {
    if (!node) return super.evaluate(node, scope);
    this.charge(1);
    // Defining a macro walks through its body.
    if (node.type === 'Macro' || node.type === 'CallStatement') this.charge(this.template.length);
    if (++this.depth > maxDepth) throw new BudgetExceeded(`${maxDepth} nested evaluations`);
    try {
      const value = super.evaluate(node, scope);
      this.account(node, value);
      return value;
    } finally {
      this.depth--;
    }
  }

  private account(node: SyntaxNode, value: RuntimeValue): void {
    const held: unknown = value.value;
    if (typeof held === 'string') this.charge(this.checkSize(held.length) >> 4);
    else if (isContainer(value)) {
      const { size } = this.measure(value);
      if (this.template.loopedOver.has(node))
        this.charge(4 * (Array.isArray(held) ? held.length : (held as Map<string, RuntimeValue>).size));
      else if (!this.template.lookedInto.has(node)) this.charge(size >> 4);
    } else if (typeof held === 'function' && node.type === 'MemberExpression') this.guardMethod(node, value);
    if (this.template.lookedInto.has(node)) this.objects.set(node, value);
  }

  /** `text.replace(old, new)` could make text as long as the product of both. */
  private guardMethod({ object, property, computed }: SyntaxNode, method: RuntimeValue): void {
    if (!object || this.guarded.has(method) || !(computed || property?.value === 'replace')) return;
    this.guarded.add(method);
    const text: unknown = this.objects.get(object)?.value;
    // Between the object and a computed name other code may have run, so what is known of the object may be wrong.
    const length = computed || typeof text !== 'string' ? this.budget.size : text.length;
    const guarded = method as unknown as { value: (args: RuntimeValue[], scope: Scope) => RuntimeValue };
    const call = guarded.value;
    guarded.value = (args, scope) => {
      this.checkReplacement(length, args);
      return call(args, scope);
    };
  }

  private checkReplacement(length: number, args: readonly RuntimeValue[]): void {
    const [from, to] = args.map((argument): unknown => argument.value);
    if (typeof from !== 'string' || typeof to !== 'string') return;
    const places = from.length === 0 ? length + 1 : length / from.length;
    this.checkSize(length + places * (to.length - from.length));
  }

  override applyFilter(operand: RuntimeValue, filter: SyntaxNode, scope: Scope): RuntimeValue {
    this.checkFilter(operand, filter, scope);
    return super.applyFilter(operand, filter, scope);
  }

  /** Filters go through their operand, and some multiply it. */
  private checkFilter(operand: RuntimeValue, { callee, args }: SyntaxNode, scope: Scope): void {
    const { size, nesting } = this.measure(operand);
    this.charge(size >> 4);
    const name = callee?.value;
    if (!args || (name !== 'replace' && name !== 'join' && name !== 'indent' && name !== 'tojson')) return;
    // The arguments are evaluated once more than needed; a template cannot tell.
    const [positional, named] = this.evaluateArguments(args, scope);
    if (name === 'replace') {
      this.checkReplacement(size, positional);
      return;
    }
    const places = name === 'join' && Array.isArray(operand.value) ? operand.value.length : size;
    for (const argument of [...positional, ...named.values()]) {
      const width =
        typeof argument.value === 'number' ? Math.abs(argument.value) : this.measure(argument).size;
      this.checkSize(places * width * (name === 'tojson' ? 1 + nesting : 1));
    }
  }
}
