import { EngineWorker } from './engine-worker.ts';
import { availableProviders } from './providers.ts';
import { echo, slow, handmade, declare } from './test-models.ts';
const t00=performance.now(); await availableProviders(); console.log('availableProviders first ms', (performance.now()-t00).toFixed(1));
let t0=performance.now(); const worker = await EngineWorker.start({ threads: 2 }); console.log('start ms', (performance.now()-t0).toFixed(1));
const med=(a:number[])=>a.sort((x,y)=>x-y)[a.length>>1]!;
const time=async(label:string,f:()=>Promise<unknown>,n=60)=>{const ts:number[]=[]; for(let i=0;i<n;i++){const t=performance.now(); await f(); ts.push(performance.now()-t);} console.log(label,'median ms',med(ts).toFixed(3),'min',Math.min(...ts).toFixed(3));};
t0=performance.now(); const s=await worker.open(echo()); console.log('open ms', (performance.now()-t0).toFixed(1));
for (const n of [1, 262144, 2621440]) { const x={dtype:'float32' as const,shape:[n],data:new Float32Array(n)};
 await time(`echo ${n*4/1048576} MB copy`,()=>s.run({x}));
 let cur=new Float32Array(n); await time(`echo ${n*4/1048576} MB transfer`,async()=>{const {y}=await s.run({x:{dtype:'float32',shape:[n],data:cur}},{transfer:true}); cur=y!.data as any;});
 const sh=new Float32Array(new SharedArrayBuffer(n*4)); try{ await time(`echo ${n*4/1048576} MB shared`,()=>s.run({x:{dtype:'float32',shape:[n],data:sh}})); }catch(e){console.log('shared ERR',(e as Error).message)} }
// 5M param
const N=2236; const g=handmade([declare('w',[N,N])],[['Mul','w two','gradient:w'],['ReduceMax','w','m'],['Squeeze','m','loss']],[declare('loss'),declare('gradient:w',[N,N])],{two:2});
const ts=await worker.open(g); const p=await worker.createParameters({w:{shape:[N,N],data:new Float32Array(N*N).fill(1)}});
for(let i=0;i<3;i++){await ts.accumulate({}, {parameters:p}); await p.apply({learningRate:1e-3});}
await time('accumulate 5M (1st)',async()=>{await p.clearGradients(); await ts.accumulate({}, {parameters:p});},15);
await time('accumulate 5M (2nd)',async()=>{ await ts.accumulate({}, {parameters:p});},15);
await time('run 5M no gradients fetched',async()=>{ await ts.run({}, {parameters:p,fetch:['loss']});},15);
const aps:number[]=[]; for(let i=0;i<15;i++){await ts.accumulate({}, {parameters:p}); const t=performance.now(); await p.apply({learningRate:1e-3,maxGradientNorm:1}); aps.push(performance.now()-t);} console.log('apply 5M median',med(aps).toFixed(1),'min',Math.min(...aps).toFixed(1));
t0=performance.now(); const snap=await p.snapshot(); console.log('snapshot 5M ms',(performance.now()-t0).toFixed(1)); t0=performance.now(); await p.restore(snap); console.log('restore ms',(performance.now()-t0).toFixed(1));
console.log('rss',process.memoryUsage().rss>>20); 
for(let i=0;i<200;i++){await ts.accumulate({}, {parameters:p,fetch:[]}); await p.apply({learningRate:1e-3});} console.log('rss after 200 steps',process.memoryUsage().rss>>20);
await worker.stop();
for (const th of [undefined,1,2]) { const w=await EngineWorker.start(th?{threads:th}:{}); const q=await w.open(slow(1024,10)); const f={x:{dtype:'float32' as const,shape:[1024,1024],data:new Float32Array(1024*1024).fill(1e-3)}}; await q.run(f); const t=performance.now(); for(let i=0;i<4;i++) await q.run(f); console.log('threads',th,'GFLOP/s',(4*10*2*1024**3/(performance.now()-t)/1e6).toFixed(0)); await w.stop(); }
const r0=process.memoryUsage().rss>>20; for(let i=0;i<25;i++){const w=await EngineWorker.start({threads:2}); const q=await w.open(echo()); await q.run({x:{dtype:'float32',shape:[1],data:new Float32Array(1)}}); await w.stop();} console.log('25 workers rss',r0,process.memoryUsage().rss>>20);
