/** @file Keys of the label page: one key for everything, listed on the page, and to be turned off (WCAG 2.1.4). */
import { Group, Kbd, Modal, Stack, Switch, Table, Text } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { useEffect, useRef } from 'react';

export interface KeyAction {
  /** As `KeyboardEvent.key` says it, several for the same; `Control+Enter` with the modifier. */
  readonly keys: readonly string[];
  readonly label: string;
  readonly act: () => void;
  readonly disabled?: boolean;
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** What a pressed key does by itself on the element that has the focus. */
const belongsTo = (target: EventTarget | null, key: string): boolean =>
  target instanceof HTMLElement &&
  (key === 'Enter' || key === ' ') &&
  target.closest('button, a, [role="button"], [role="radio"]') !== null;

const useSingleKeys = () => useLocalStorage({ key: 'plaudit.single-keys', defaultValue: true });

/** Acts on keys while nothing is typed into and no dialog is open. */
export const useKeys = (actions: readonly KeyAction[]): void => {
  const [enabled] = useSingleKeys();
  const current = useRef(actions);
  current.current = actions;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const withControl = event.ctrlKey || event.metaKey;
      if (event.altKey || event.isComposing || document.querySelector('[role="dialog"]')) return;
      if (!withControl && (!enabled || isTyping(event.target) || belongsTo(event.target, event.key))) return;
      const pressed =
        (withControl ? 'Control+' : '') + (event.key.length === 1 ? event.key.toLowerCase() : event.key);
      const found = current.current.find(({ keys, disabled }) => !disabled && keys.includes(pressed));
      if (!found) return;
      event.preventDefault();
      found.act();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [enabled]);
};

const names: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  'Control+Enter': 'Ctrl Enter',
};
export const KeyName = ({ of }: { readonly of: string }) => (
  <Kbd size="xs">{names[of] ?? of.toUpperCase()}</Kbd>
);

export const KeyList = ({
  actions,
  opened,
  onClose,
}: {
  readonly actions: readonly KeyAction[];
  readonly opened: boolean;
  readonly onClose: () => void;
}) => {
  const [enabled, setEnabled] = useSingleKeys();
  return (
    <Modal opened={opened} onClose={onClose} title="Keys" size="md">
      <Stack>
        <Switch
          label="Single keys act"
          description="Turn this off if a screen reader or voice control needs the keys."
          checked={enabled}
          onChange={(event) => setEnabled(event.currentTarget.checked)}
        />
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Key</Table.Th>
              <Table.Th>What it does</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {actions.map(({ keys, label }) => (
              <Table.Tr key={label}>
                <Table.Td>
                  <Group gap={4}>
                    {keys.map((key) => (
                      <KeyName key={key} of={key} />
                    ))}
                  </Group>
                </Table.Td>
                <Table.Td>
                  <Text size="sm">{label}</Text>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Stack>
    </Modal>
  );
};
