import * as ort from 'onnxruntime-node';
import { writeFileSync, existsSync } from 'node:fs';
import { compile, gradients, Graph, ops } from '@plaudit/engine';
import { readModel } from './families/index.ts';
import { treeBatch, treeLayout } from './transformer/layout.ts';
import { Weights } from './transformer/weights.ts';
const layers = Number(process.env.L ?? 6);
const mode = process.env.MODE ?? 'fp32';
const model = readModel({ model_type: 'llama', hidden_size: 576, num_hidden_layers: layers, num_attention_heads: 9, num_key_value_heads: 3, intermediate_size: 1536, vocab_size: 1000, rms_norm_eps: 1e-5, rope_theta: 100000, tie_word_embeddings: true, max_position_embeddings: 2048 });
const file = '/tmp/probe/w.bin';
if (!existsSync(file)) { const d = new Float32Array(1024*1600*2).map(() => (Math.random()-.5)*.05); writeFileSync(file, Buffer.from(d.buffer)); const q = new Int8Array(1024*1600*2).map(()=>Math.floor(Math.random()*200)-100); writeFileSync('/tmp/probe/q.bin', Buffer.from(q.buffer)); }
const shapes = new Map<string, number[]>();
const graph = new Graph();
const source: any = { path: file, shape: (n: string) => null, region: () => null, };
class W2 extends Weights {}
const weights: any = new W2(graph, { source: { path: file, shape: () => undefined, region: () => ({file, offset: 0, byteLength: 0}) }, lora: { rank: 16, alpha: 32, targets: model.loraTargets, dropout: 0 } } as any, 'model.');
weights.tensor = function (name: string, shape: number[]) { return graph.tensors.get(name) ?? graph.weight(name, 'float32', shape, { file, offset: 0, byteLength: 4 * shape.reduce((a, b) => a * b, 1) }); };
weights.storedName = (n: string) => n;
if (mode === 'int8') weights.options.source.int8 = (n: string) => { 
  const m = n.includes('down')? [1536,576] : n.includes('gate')||n.includes('up')?[576,1536]: n.includes('k_proj')||n.includes('v_proj')?[576,192]:[576,576];
  return { forward: {file:'/tmp/probe/q.bin', offset:0, byteLength:m[0]!*m[1]!}, forwardScale:{file, offset:0, byteLength:4*m[1]!}, backward:{file:'/tmp/probe/q.bin', offset:0, byteLength:m[0]!*m[1]!}, backwardScale:{file,offset:0,byteLength:4*m[0]!}}; };
const layout = treeLayout(graph);
const body = model.body(weights, layout);
const rows = graph.input('rows', 'int64', ['scores']);
const head = weights.parameter('score.weight', [1, 576], { kind: 'normal', deviation: 0.04 });
const h = model.finish(weights, ops.gather(body, rows));
const rewards = ops.reshape(ops.gemm(h, head, null, false, true), ['scores']);
const loss = ops.reduceSum(ops.softplus(rewards));
const params = [...weights.trained.keys()].map((n: string) => graph.tensors.get(n)!);
const train = process.env.SCORE ? {} : Object.fromEntries(gradients(loss, params).map((g, i) => [`gradient:${params[i]!.name}`, g]));
const compiled = compile({ loss, ...train });
console.log('model bytes', compiled.model.length, 'inputs', compiled.inputs.length);
import { mkdirSync, symlinkSync, rmSync } from 'node:fs';
rmSync('/tmp/probe/ext', {recursive: true, force: true}); mkdirSync('/tmp/probe/ext');
import { linkSync } from 'node:fs';
for (const { location, file } of compiled.externalData) linkSync(file, '/tmp/probe/ext/' + location);
const opts: any = { intraOpNumThreads: 2, interOpNumThreads: 1, logSeverityLevel: 3, graphOptimizationLevel: process.env.OPT ?? 'all', extra: { session: { model_external_initializers_file_folder_path: '/tmp/probe/ext', ...(process.env.NOPACK ? { disable_prepacking: '1' } : {}) } } };
if (process.env.PROF) { opts.enableProfiling = true; opts.profileFilePrefix = '/tmp/probe/prof'; }
const t0 = performance.now();
const session = await ort.InferenceSession.create(compiled.model, opts);
console.log('open ms', performance.now() - t0, 'rss', process.memoryUsage().rss / 1e6);
const [T, P, K, R] = (process.env.SHAPE ?? '2,256,2,128').split(',').map(Number) as [number, number, number, number];
const trees = Array.from({ length: T }, () => ({ prompt: Array.from({ length: P }, (_, i) => (i * 7) % 1000), responses: Array.from({ length: K }, () => Array.from({ length: R }, (_, i) => (i * 3) % 1000)) }));
const batch = treeBatch(trees, { prompt: P, branches: K, response: R });
const feeds: any = {};
for (const [k, v] of Object.entries({ ...batch.feeds, rows: { dtype: 'int64', shape: [T * K], data: BigInt64Array.from(batch.scoreRows.flat().map(BigInt)) } }) as any) feeds[k] = new ort.Tensor(v.dtype, v.data, v.shape);
for (const p of params) feeds[p.name] = new ort.Tensor('float32', new Float32Array((p.shape as number[]).reduce((a, b) => a * b, 1)).map(() => (Math.random() - .5) * .02), p.shape as number[]);
const tokens = batch.tokens;
const attn = T * (P * P + K * R * (P + R)) * 2 * 576 * layers;
const lora = 16 * layers * (576*2*2 + (576+192)*2 + (576+1536)*3) ;
const fwd = tokens * model.multiplyAddsPerToken + attn;
const macs = process.env.SCORE ? fwd + tokens * lora : 2 * fwd + attn + 3 * tokens * lora;
await session.run(feeds);
let best = 1e9;
for (let i = 0; i < 5; i++) { const t = performance.now(); await session.run(feeds); best = Math.min(best, performance.now() - t); }
console.log(mode, 'ms', best.toFixed(0), 'GFLOP/s', (2 * macs / best / 1e6).toFixed(1), 'tokens', tokens, 'rss', (process.memoryUsage().rss / 1e6).toFixed(0));
if (process.env.PROF) (session as any).handler?.endProfiling?.() ?? (session as any).endProfiling();
// plain gemm
{
  const g = new Graph(); const a = g.input('a', 'float32', ['m', 576]); const w = g.weight('w', 'float32', [1536, 576], { file, offset: 0, byteLength: 4 * 576 * 1536 });
  const c = compile({ y: ops.reduceSum(ops.gemm(a, w, null, false, true), [0]), }, {});
  let y: any = a; for (let i = 0; i < 10; i++) { y = ops.gemm(y, w, null, false, true); y = ops.gemm(y, g.weight('w' + i, 'float32', [576, 1536], { file, offset: 0, byteLength: 4 * 576 * 1536 }), null, false, true); }
  const c2 = compile({ y: ops.reduceSum(y, [0]) });
  const s = await ort.InferenceSession.create(c2.model, { ...opts, enableProfiling: false });
  const x = new ort.Tensor('float32', new Float32Array(1024 * 576).map(() => Math.random()*0.01), [1024, 576]);
  await s.run({ a: x }); let b = 1e9; for (let i = 0; i < 4; i++) { const t = performance.now(); await s.run({ a: x }); b = Math.min(b, performance.now() - t); }
  console.log('gemm GFLOP/s', (2 * 1024 * 576 * 1536 * 20 / b / 1e6).toFixed(1));
}
