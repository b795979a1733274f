/** @file What word lists say of a prompt and a response: sensitive domains, coarse language. The lists are those of the quality gates. */
import type { Prompt } from '@plaudit/contract';
import { checkQuality, type GateSettings, gateNames } from '@plaudit/feedback';

export interface WordMarks {
  /** Sensitive domains of the prompt. */
  readonly domains: readonly string[];
  /** Whether the response holds an obscenity, an insult or a threat. */
  readonly toxic: boolean;
  /** Whether the lists cover the scripts of both. */
  readonly covered: boolean;
}

/** Every gate left out but the two that read words. */
const onlyWords = Object.fromEntries(
  gateNames
    .filter((name) => name !== 'toxicity' && name !== 'sensitive-domains')
    .map((name) => [name, false]),
) as GateSettings;

/** A response to a prompt as the gates take it. */
export const wordMarks = async (prompt: Prompt, response: string): Promise<WordMarks> => {
  const { gates } = await checkQuality(
    [{ kind: 'label', prompt, response, desirable: true, provenance: { source: 'guardrail' } }],
    { gates: onlyWords },
  );
  const gate = (name: string) => gates.find((of) => of.name === name)!;
  const [toxicity, sensitive] = [gate('toxicity'), gate('sensitive-domains')];
  return {
    domains: Object.entries(sensitive.measures)
      .filter(([name, value]) => name !== 'otherScripts' && value === 1)
      .map(([name]) => name),
    toxic: toxicity.value === 1,
    covered: toxicity.value !== null && sensitive.value !== null,
  };
};
