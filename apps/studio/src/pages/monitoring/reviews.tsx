/** @file Responses that guardrails hold: a person reads them, and what is decided is learned from. */
import { Button, Group, Modal, SegmentedControl, Stack, Text } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useState } from 'react';
import { useAsk, useDo } from '../../api.ts';
import { useChoice } from '../../shell/address.ts';
import { Rows } from '../../shell/rows.tsx';
import { mayReview, useProject, useRole } from '../../shell/session.ts';
import { Answered, Failed } from '../../shell/states.tsx';
import { Part, State, When } from '../../shell/words.tsx';
import { Conversation, Markdown, Scrolled } from '../../text/text.tsx';

type Review = Result<'listReviews'>['reviews'][number];

export const Reviews = () => {
  const project = useProject();
  const role = useRole();
  const [state, setState] = useChoice<'open' | 'decided'>('reviews', 'open');
  const [open, setOpen] = useState<string | null>(null);
  const mayAsk = mayReview(role);
  const reviews = useAsk(
    'listReviews',
    { params: { project }, query: { state } },
    { every: 15_000, enabled: mayAsk },
  );
  if (!mayAsk) return null;
  return (
    <Part title="Responses that are held">
      <Stack gap="sm">
        <Group>
          <SegmentedControl
            aria-label="Which of them"
            data={[
              { value: 'open', label: 'Waiting' },
              { value: 'decided', label: 'Decided' },
            ]}
            value={state}
            onChange={setState}
          />
        </Group>
        <Answered of={reviews} what="what is held">
          {({ reviews: all }) => (
            <Rows
              label="Responses that are held"
              rows={all}
              keyOf={({ id }) => id}
              none={state === 'open' ? 'Nothing waits for a person.' : 'Nothing has been decided yet.'}
              columns={[
                { title: 'Why', show: ({ reasons }) => reasons.join(', ') },
                { title: 'Deployment', show: ({ deployment }) => deployment },
                {
                  title: 'State',
                  show: ({ state: of, decision }) => <State of={decision ?? of} />,
                },
                {
                  title: 'Held',
                  show: ({ openedAt }) => <When at={openedAt} />,
                  by: ({ openedAt }) => String(openedAt),
                },
                {
                  title: 'Do',
                  show: ({ id, state: of }) => (
                    <Button size="xs" variant="default" onClick={() => setOpen(id)}>
                      {of === 'open' ? 'Read and decide' : 'Read'}
                    </Button>
                  ),
                },
              ]}
            />
          )}
        </Answered>
      </Stack>
      <Modal opened={open !== null} onClose={() => setOpen(null)} size="xl" title="A response that is held">
        {open !== null && <OneReview id={open} onDecided={() => setOpen(null)} />}
      </Modal>
    </Part>
  );
};

const OneReview = ({ id, onDecided }: { readonly id: Review['id']; readonly onDecided: () => void }) => {
  const project = useProject();
  const found = useAsk('getReview', { params: { project, review: id } });
  const decide = useDo('decideReview');
  const say = (decision: 'allow' | 'block'): void =>
    decide.mutate({ params: { project, review: id }, body: { decision } }, { onSuccess: onDecided });
  return (
    <Answered of={found} what="the response">
      {({ texts, reasons, state }) => (
        <Stack gap="sm">
          <Text size="sm">Held for: {reasons.join(', ')}</Text>
          {texts === null ? (
            <Text c="dimmed">
              Its texts have been erased since: nothing can be decided about it any more.
            </Text>
          ) : (
            <>
              <Scrolled label="Prompt">
                <Conversation messages={texts.prompt} />
              </Scrolled>
              <Text size="sm" fw={600}>
                Response
              </Text>
              <Scrolled label="Response">
                <Markdown text={texts.response} />
              </Scrolled>
              {state === 'open' && (
                <Group>
                  <Button loading={decide.isPending} onClick={() => say('allow')}>
                    Let it go
                  </Button>
                  <Button color="red.8" loading={decide.isPending} onClick={() => say('block')}>
                    Keep it back
                  </Button>
                </Group>
              )}
            </>
          )}
          {decide.isError && <Failed error={decide.error} />}
        </Stack>
      )}
    </Answered>
  );
};
