/** @file Weights of a transformer as tensors of a graph: frozen in float32, float16 or int8, adapted, or trained. */
import { plauditError } from '@plaudit/contract';
import { type DType, type FileRegion, type Graph, ops, type Tensor } from '@plaudit/engine';
import { type LoraConfig, loraInner, loraOuter, targets } from '../adapters/lora.ts';

/** Where frozen weights lie: float32 regions of files, and other forms of the linear layers where asked for. */
export interface WeightSource {
  /** For messages. */
  readonly path: string;
  /** The shape of a tensor, undefined when the checkpoint has none of this name. */
  shape(name: string): readonly number[] | undefined;
  /** The float32 values. */
  region(name: string): FileRegion;
  /** The int8 form of a linear layer's weight; undefined when it is kept in float32. */
  int8?(name: string): Int8Regions | undefined;
  /** A linear layer's weight in float16, in the shape of the checkpoint; undefined when it is kept in float32. */
  float16?(name: string): FileRegion | undefined;
}

/** Files regions of an int8 weight in both directions. */
export interface Int8Regions {
  /** int8 [in, out] and float32 [out] */
  readonly forward: FileRegion;
  readonly forwardScale: FileRegion;
  /** int8 [out, in] and float32 [in] */
  readonly backward: FileRegion;
  readonly backwardScale: FileRegion;
}

/** How a value that is trained starts. */
export type Initial =
  | { readonly kind: 'checkpoint'; readonly name: string }
  | { readonly kind: 'normal'; readonly deviation: number }
  | { readonly kind: 'constant'; readonly value: number };

/** A value that is trained. */
export interface TrainedParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: Initial;
  /** Whether weight decay applies: matrices yes, biases and normalisation weights no. */
  readonly weightDecay: boolean;
}

export interface WeightsOptions {
  /** null for a model that starts from random values. */
  readonly source: WeightSource | null;
  /** Trains the checkpoint's own weights. */
  readonly full?: boolean;
  readonly lora?: LoraConfig | null;
  /** Applies LoRA dropout; off when scoring. */
  readonly training?: boolean;
  /** What the names of all that is trained start with, for a second set of values in one graph; empty by default. */
  readonly scope?: string;
}

/** A layer of the form x W + bias. */
export interface LinearLayer {
  /** Features in and out. */
  readonly size: readonly [input: number, output: number];
  readonly hasBias?: boolean;
  /** Added to the result: a residual. */
  readonly plus?: Tensor | null;
  /** How the checkpoint stores the weight; GPT-2's Conv1D keeps [in, out]. */
  readonly layout?: 'out-in' | 'in-out';
  /** Whether an adapter's dropout applies; not where x has no row for each token. */
  readonly dropout?: boolean;
}

/** Deviation of new weights: GPT-2's, which Llama-like models share. */
const initialDeviation = 0.02;

/** Turns module names into tensors, and remembers what is trained and which layers are linear. */
export class Weights {
  readonly graph: Graph;
  readonly trained = new Map<string, TrainedParameter>();
  /** Modules used through `linear` and `scores`, for quantisation. */
  readonly linearModules = new Map<string, LinearLayer>();
  private readonly options: WeightsOptions;
  private readonly prefixes: readonly string[];

  /** @param prefix What checkpoints of the bare model leave out of their names, such as `model.` */
  constructor(graph: Graph, options: WeightsOptions, prefix: string) {
    this.graph = graph;
    this.options = options;
    this.prefixes = ['', prefix];
  }

  /**
   * A weight by the name that Hugging Face gives it.
   *
   * @throws `model.tensor_missing`, `model.wrong_shape`
   */
  tensor(name: string, shape: readonly number[], start: Initial): Tensor {
    const { source, full } = this.options;
    if (!source) return this.parameter(name, shape, start);
    const stored = this.storedName(name, shape);
    if (full) return this.parameter(name, shape, { kind: 'checkpoint', name: stored });
    return this.graph.tensors.get(name) ?? this.graph.weight(name, 'float32', shape, source.region(stored));
  }

  /** A value that is trained in any case: a head or an adapter. */
  parameter(name: string, shape: readonly number[], initial: Initial): Tensor {
    const scoped = `${this.options.scope ?? ''}${name}`;
    const known = this.graph.tensors.get(scoped);
    if (known) return known;
    const decays = shape.length > 1 && initial.kind !== 'constant';
    this.trained.set(scoped, { name: scoped, shape, initial, weightDecay: decays });
    return this.graph.parameter(scoped, shape);
  }

  /**
   * A value between the blocks and the score. It is trained wherever anything is, for a checkpoint of the bare model
   * lacks it; a classifier's checkpoint gives its start.
   */
  headTensor(name: string, shape: readonly number[], start: Initial): Tensor {
    const { lora, full } = this.options;
    const initial = this.headStart(name, shape, start);
    const frozen = initial.kind === 'checkpoint' && !lora && !full;
    return frozen ? this.tensor(name, shape, start) : this.parameter(name, shape, initial);
  }

  /** A checkpoint's value where it has one of this shape, or else the given start. */
  headStart(name: string, shape: readonly number[], start: Initial): Initial {
    const stored = this.storedAs(name);
    const found = this.options.source?.shape(stored);
    return found?.join() === shape.join() ? { kind: 'checkpoint', name: stored } : start;
  }

  /** x W + bias of a layer between the blocks and the score; see `headTensor`. */
  headLinear(module: string, x: Tensor, [input, output]: LinearLayer['size'], hasBias = true): Tensor {
    const start = { kind: 'normal', deviation: initialDeviation } as const;
    const weight = this.headTensor(`${module}.weight`, [output, input], start);
    const zero = { kind: 'constant', value: 0 } as const;
    const bias = hasBias ? this.headTensor(`${module}.bias`, [output], zero) : null;
    return ops.linear(x, weight, { bias });
  }

  /** Whether the checkpoint holds a tensor; a model from random values has all. */
  has(name: string): boolean {
    const { source } = this.options;
    return !source || source.shape(this.storedAs(name)) !== undefined;
  }

  /** A table of rows: token or position embeddings. */
  table(module: string, rows: number, size: number): Tensor {
    return this.tensor(`${module}.weight`, [rows, size], { kind: 'normal', deviation: initialDeviation });
  }

  /**
   * Scores of the rows of a table: x tableᵀ, in int8 where the source has the table in that form.
   * @param x [n, size]
   * @returns [n, rows]
   */
  scores(module: string, x: Tensor, rows: number, size: number): Tensor {
    const layer = { size: [size, rows] } as const;
    this.linearModules.set(module, layer);
    const product = this.narrowProduct(`${module}.weight`, [rows, size], x, layer);
    return product ?? ops.linear(x, this.table(module, rows, size));
  }

  /** The scale of a normalisation; a new one starts at 1 unless the family adds to it. */
  scale(module: string, size: number, start = 1): Tensor {
    return this.tensor(`${module}.weight`, [size], { kind: 'constant', value: start });
  }

  bias(module: string, size: number): Tensor {
    return this.tensor(`${module}.bias`, [size], { kind: 'constant', value: 0 });
  }

  /**
   * x W + bias + plus, with the adapter's branch where the module has one.
   * @param x [tokens, in]
   * @returns [tokens, out]
   */
  linear(module: string, x: Tensor, layer: LinearLayer): Tensor {
    return this.linears(x, { [module]: layer })[0]!;
  }

  /** Layers that read the same x, in the order given; their adapters share one product. */
  linears(x: Tensor, layers: Readonly<Record<string, LinearLayer>>): readonly Tensor[] {
    const { lora } = this.options;
    const modules = Object.keys(layers);
    const training = this.options.training === true && layers[modules[0]!]!.dropout !== false;
    const adapted = lora ? modules.filter((module) => targets(lora, module)) : [];
    const input = layers[modules[0]!]!.size[0];
    const inner = lora && adapted.length > 0 ? loraInner(this, adapted, x, input, lora, training) : [];
    return modules.map((module) => this.branched(module, x, layers[module]!, inner[adapted.indexOf(module)]));
  }

  /** Whether adapters are trained. */
  get adapts(): boolean {
    return Boolean(this.options.lora);
  }

  /**
   * The adapter's branch of a layer that the graph computes in a way of its own; null where the module has none.
   * @param x [tokens, in]
   * @returns [tokens, out]
   */
  branch(module: string, x: Tensor, [input, output]: LinearLayer['size']): Tensor | null {
    const { lora } = this.options;
    if (!lora || !targets(lora, module)) return null;
    const [inner] = loraInner(this, [module], x, input, lora, false);
    return loraOuter(this, module, inner!, output, lora, null);
  }

  /** A value that is never trained, as it is stored: the whole numbers of a quantised network. */
  stored(name: string, dtype: DType, shape: readonly number[]): Tensor {
    const { source } = this.options;
    const known = this.graph.tensors.get(name);
    if (known) return known;
    return this.graph.weight(name, dtype, shape, source!.region(this.storedName(name, shape)));
  }

  private branched(module: string, x: Tensor, layer: LinearLayer, inner: Tensor | undefined): Tensor {
    const [input, output] = layer.size;
    const { lora } = this.options;
    const bias = layer.hasBias ? this.bias(module, output) : null;
    const residual = layer.plus ?? null;
    const plus = inner ? loraOuter(this, module, inner, output, lora!, residual) : residual;
    this.linearModules.set(module, layer);
    const name = `${module}.weight`;
    const inOut = layer.layout === 'in-out';
    const shape = inOut ? [input, output] : [output, input];
    const product = this.narrowProduct(name, shape, x, layer);
    if (product) {
      const biased = bias ? ops.add(product, bias) : product;
      return plus ? ops.addProducts(biased, plus) : biased;
    }
    const weight = this.tensor(name, shape, { kind: 'normal', deviation: initialDeviation });
    return ops.linear(x, weight, { bias, plus, layout: layer.layout ?? 'out-in' });
  }

  /** x W in int8 or float16, where the frozen weight has such a form; null where it is float32 or trained. */
  private narrowProduct(
    name: string,
    shape: readonly number[],
    x: Tensor,
    { size: [input, output], layout }: LinearLayer,
  ): Tensor | null {
    const { source, full } = this.options;
    if (full || !(source?.int8 || source?.float16)) return null;
    const stored = this.storedName(name, shape);
    const part = (end: string, dtype: DType, size: readonly number[], region: FileRegion): Tensor =>
      this.graph.tensors.get(name + end) ?? this.graph.weight(name + end, dtype, size, region);
    const int8 = source.int8?.(stored);
    if (int8)
      return ops.linearInt8(x, {
        forward: part(':forward', 'int8', [input, output], int8.forward),
        forwardScale: part(':forward_scale', 'float32', [output], int8.forwardScale),
        backward: part(':backward', 'int8', [output, input], int8.backward),
        backwardScale: part(':backward_scale', 'float32', [input], int8.backwardScale),
      });
    const float16 = source.float16?.(stored);
    return float16 ? ops.linearFloat16(x, part(':float16', 'float16', shape, float16), layout) : null;
  }

  /** The name under which the checkpoint stores a weight: bare models leave out the prefix. */
  storedAs(name: string): string {
    const { source } = this.options;
    const candidates = this.prefixes.flatMap((prefix) => {
      const bare = stripped(name, prefix);
      return [bare, tensorFlowName(bare)];
    });
    return candidates.find((candidate) => source?.shape(candidate) !== undefined) ?? name;
  }

  private storedName(name: string, shape: readonly number[]): string {
    const { source } = this.options;
    const stored = this.storedAs(name);
    const found = source!.shape(stored);
    if (!found) throw plauditError('model.tensor_missing', { path: source!.path, tensor: name });
    if (found.length === shape.length && found.every((size, i) => size === shape[i])) return stored;
    throw plauditError('model.tensor_shape', {
      path: source!.path,
      tensor: stored,
      found: `[${found.join(', ')}]`,
      expected: `[${shape.join(', ')}]`,
    });
  }
}

/** What checkpoints that were converted from TensorFlow, such as the first of BERT, call a normalisation's values. */
const tensorFlowName = (name: string): string =>
  name.replace(/LayerNorm\.weight$/, 'LayerNorm.gamma').replace(/LayerNorm\.bias$/, 'LayerNorm.beta');

const stripped = (name: string, prefix: string): string =>
  prefix !== '' && name.startsWith(prefix) ? name.slice(prefix.length) : name;
