/** @file Keys and tokens that providers give a shape of their own, JSON Web Tokens and private keys. */
import type { Recogniser } from '../recogniser.ts';
import { isPlaceholder } from './secret-strength.ts';

interface Shape {
  readonly name: string;
  /** Texts of which one is in every such secret. */
  readonly holds: readonly string[];
  readonly regex: RegExp;
  readonly accepts?: (value: string) => boolean;
}

const mixed = (value: string): boolean => /\d/.test(value) && /[A-Z]/.test(value) && /[a-z]/.test(value);

/** @see each provider's page on its tokens; gitleaks' rules name the same prefixes */
const shapes: readonly Shape[] = [
  { name: 'aws-access-key', holds: ['AKIA', 'ASIA'], regex: /\b(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9])/g },
  {
    name: 'github-token',
    holds: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'],
    regex: /\b(?:gh[pousr]_[A-Za-z0-9]{36,251}|github_pat_[A-Za-z0-9_]{22,255})/g,
  },
  { name: 'gitlab-token', holds: ['glpat-'], regex: /\bglpat-[A-Za-z0-9_.-]{20,100}/g },
  {
    name: 'slack-token',
    holds: ['xox', 'xapp-', 'hooks.slack.com'],
    regex:
      /\bxox[abeoprs]-[A-Za-z0-9-]{10,250}|\bxapp-\d-[A-Za-z0-9-]{20,250}|\bhooks\.slack\.com\/services\/T[A-Z0-9]{8,12}\/B[A-Z0-9]{8,12}\/[A-Za-z0-9]{20,30}/g,
    accepts: (value) => /\d/.test(value),
  },
  {
    name: 'stripe-key',
    holds: ['_live_', '_test_', 'whsec_'],
    regex: /\b(?:[sr]k_(?:live|test)_[A-Za-z0-9]{16,250}|whsec_[A-Za-z0-9+/]{32,64}={0,2})/g,
  },
  {
    name: 'google-key',
    holds: ['AIza', 'GOCSPX-', 'ya29.'],
    regex:
      /\b(?:AIza[A-Za-z0-9_-]{35}|GOCSPX-[A-Za-z0-9_-]{28}|ya29\.[A-Za-z0-9_-]{20,250})(?![A-Za-z0-9_-])/g,
  },
  {
    // OpenAI, Anthropic, OpenRouter, DeepSeek and others.
    name: 'model-provider-key',
    holds: ['sk-'],
    regex: /(?<![A-Za-z0-9_-])sk-(?:[a-z0-9]{2,12}-){0,3}[A-Za-z0-9_-]{20,250}/g,
    accepts: (value) => mixed(value) || /^sk-[0-9a-f]{32,64}$/.test(value),
  },
  { name: 'hugging-face-token', holds: ['hf_'], regex: /\bhf_[A-Za-z0-9]{30,40}\b/g, accepts: mixed },
  {
    name: 'package-registry-token',
    holds: ['npm_', 'pypi-'],
    regex: /\bnpm_[A-Za-z0-9]{36}\b|\bpypi-AgE[A-Za-z0-9_-]{50,250}/g,
  },
  {
    name: 'mail-provider-key',
    holds: ['SG.', 'key-'],
    regex: /\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}|\bkey-[0-9a-f]{32}\b/g,
  },
  {
    name: 'telephony-key',
    holds: ['SK'],
    regex: /\bSK[0-9a-f]{32}\b/g,
  },
  {
    name: 'telegram-token',
    holds: [':AA'],
    regex: /(?<![\w:])\d{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])/g,
  },
  {
    name: 'discord-webhook',
    holds: ['/api/webhooks/'],
    regex: /\bdiscord(?:app)?\.com\/api\/webhooks\/\d{17,20}\/[A-Za-z0-9_-]{60,80}/g,
  },
  {
    name: 'cloud-token',
    holds: ['shp', '_v1_', 'dapi', 'AccountKey='],
    regex:
      /\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b|\bdo[opr]_v1_[0-9a-f]{64}\b|\bdapi[0-9a-f]{32}\b|(?<=AccountKey=)[A-Za-z0-9+/]{86}==/g,
  },
  {
    name: 'json-web-token',
    holds: ['eyJ'],
    regex:
      /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,1024}\.eyJ[A-Za-z0-9_-]{8,8192}(?:\.[A-Za-z0-9_-]{0,2048})?/g,
  },
  {
    name: 'private-key',
    holds: ['PRIVATE KEY'],
    // With its end; or cut off, and then as long as there are lines of Base64.
    regex:
      /-----BEGIN (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:(?:[^-]|-(?!----)){1,20000}-----END (?:[A-Z0-9]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----|(?:(?:\s|\\[nr]){1,4}[A-Za-z0-9+/=]{16,120}){1,400})/g,
  },
];

export const secretRecognisers: readonly Recogniser[] = shapes.map(({ name, holds, regex, accepts }) => ({
  name,
  version: '1',
  type: 'SECRET',
  mayOccur: (facts) => holds.some((part) => facts.holds(part)),
  patterns: [
    {
      regex,
      score: 0.95,
      accepts: (value) => (accepts?.(value) ?? true) && !isPlaceholder(value.slice(0, 80)),
    },
  ],
}));
