/** @file The public surface of `@plaudit/engine`. */
export { gradients } from './graph/autodiff.ts';
