/** @file The routes of all shims. */
import type { Route } from '../http/route.ts';
import type { ServingServices } from '../serving/services.ts';
import { openAiRoutes } from './openai.ts';
import { sglangRoutes } from './sglang.ts';
import { teiRoutes } from './tei.ts';
import { trainerRoutes } from './trainers.ts';
import { vllmRoutes } from './vllm.ts';

export const shimRoutes = (services: ServingServices): readonly Route[] => [
  ...openAiRoutes(services),
  ...vllmRoutes(services),
  ...teiRoutes(services),
  ...sglangRoutes(services),
  ...trainerRoutes(services),
];
