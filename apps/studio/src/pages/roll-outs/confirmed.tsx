/** @file A change of what serves: a button, and a dialog that asks why. */
import { Button, type ButtonProps, Modal, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Failed, Waiting } from '../../shell/states.tsx';

export const Confirmed = ({
  label,
  title,
  about,
  isPending,
  error,
  onConfirm,
  children,
  ...button
}: {
  readonly label: string;
  readonly title: string;
  readonly about: string;
  readonly isPending: boolean;
  readonly error: Error | null;
  /** @param done Closes the dialog. */
  readonly onConfirm: (reason: string, done: () => void) => void;
  /** More fields, above the reason. */
  readonly children?: ReactNode;
} & Pick<ButtonProps, 'color' | 'variant' | 'disabled' | 'size'>) => {
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  return (
    <>
      <Button {...button} onClick={() => setOpen(true)}>
        {label}
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={title}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            onConfirm(reason, () => setOpen(false));
          }}
        >
          <Stack>
            <Text size="sm">{about}</Text>
            {children}
            <TextInput
              label="Reason"
              description="It goes into the history and the audit log."
              required
              data-autofocus
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            {isPending && <Waiting what="Models are loaded and asked before anything changes" />}
            {error && <Failed error={error} />}
            <Button type="submit" loading={isPending} {...(button.color && { color: button.color })}>
              {label}
            </Button>
          </Stack>
        </form>
      </Modal>
    </>
  );
};
