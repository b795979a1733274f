/** @file Whether all answers are saved: in the header of every page, since they are sent from every page. */
import { Badge, Button, Code, Group, Modal, Stack, Text } from '@mantine/core';
import { useState, useSyncExternalStore } from 'react';
import { flush, outbox } from './outbox.ts';

const useOutbox = () => useSyncExternalStore(outbox.subscribe, outbox.state);

export const OutboxStatus = () => {
  const { waiting, failed, refused, saved } = useOutbox();
  const [open, setOpen] = useState(false);
  if (waiting.length === 0 && refused.length === 0 && saved === 0) return null;
  const said =
    refused.length > 0
      ? `${refused.length} refused`
      : failed && waiting.length > 0
        ? `${waiting.length} kept here`
        : waiting.length > 0
          ? 'Saving'
          : 'All saved';
  const isCalm = refused.length === 0 && (failed === null || waiting.length === 0);
  return (
    <>
      <div role="status">
        <Badge
          component="button"
          type="button"
          variant="outline"
          color={isCalm ? 'gray' : 'red'}
          c="var(--mantine-color-text)"
          style={{ cursor: 'pointer', textTransform: 'none' }}
          onClick={() => setOpen(true)}
          data-outbox={waiting.length}
        >
          {said}
        </Badge>
      </div>
      <Modal opened={open} onClose={() => setOpen(false)} title="Your answers">
        <Stack gap="sm">
          <Text size="sm">
            {waiting.length === 0
              ? `Everything is saved: ${saved} since this page was opened.`
              : `${waiting.length} wait in this browser and are sent as soon as the server answers. You can go on; you can even close the page.`}
          </Text>
          {failed && waiting.length > 0 && (
            <>
              <Text size="sm">
                {failed.message} {failed.cure}
              </Text>
              <Group>
                <Button size="xs" variant="default" onClick={() => void flush()}>
                  Send now
                </Button>
              </Group>
            </>
          )}
          {refused.map(({ sending, error }) => (
            <Text size="sm" key={sending.assignment}>
              An answer was refused: {error.message} {error.cure} <Code>{error.code}</Code>
            </Text>
          ))}
          {refused.length > 0 && (
            <Group>
              <Button size="xs" variant="default" onClick={outbox.forgetRefusals}>
                I have read this
              </Button>
            </Group>
          )}
        </Stack>
      </Modal>
    </>
  );
};
