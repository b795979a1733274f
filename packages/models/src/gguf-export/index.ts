/** @file Export for llama.cpp: what those who import the package use of this folder. */
export { type GgufModel, type GgufType, writeGguf } from './write.ts';
