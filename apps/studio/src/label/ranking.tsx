/** @file Several responses in order: the best first, equals in one group, what is not ranked left out. */
import { Badge, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { Markdown } from '../text/text.tsx';
import { Frame, KeyButton, type KindProps } from './frame.tsx';
import type { KeyAction } from './keys.tsx';
import { letterOf, ResponsePane } from './response.tsx';

export const Ranking = (props: KindProps) => {
  const { item, session } = props;
  const [groups, setGroups] = useState<readonly (readonly number[])[]>([]);
  const [isEqual, setIsEqual] = useState(false);
  const rankOf = (at: number): number => groups.findIndex((group) => group.includes(at));
  const pick = (at: number): void => {
    if (rankOf(at) >= 0) {
      setGroups(groups.map((group) => group.filter((one) => one !== at)).filter((group) => group.length > 0));
      return;
    }
    setGroups(
      isEqual && groups.length > 0 ? [...groups.slice(0, -1), [...groups.at(-1)!, at]] : [...groups, [at]],
    );
    setIsEqual(false);
  };
  const picks = item.responses.map(
    (_, at): KeyAction => ({
      keys: [at < 9 ? String(at + 1) : String.fromCharCode(97 + at)],
      label: rankOf(at) < 0 ? `Rank ${letterOf(at)} next` : `Take ${letterOf(at)} out`,
      act: () => pick(at),
    }),
  );
  const equal: KeyAction = {
    keys: ['e', '='],
    label: 'Next is equal to the last',
    act: () => setIsEqual(!isEqual),
    disabled: groups.length === 0,
  };
  const back: KeyAction = {
    keys: ['Backspace'],
    label: 'Take the last out',
    disabled: groups.length === 0,
    act: () =>
      setGroups(
        [...groups.slice(0, -1), groups.at(-1)?.slice(0, -1) ?? []].filter((group) => group.length > 0),
      ),
  };
  const ranked = groups.flat().length;
  const submit: KeyAction = {
    keys: ['Enter'],
    label: ranked < item.responses.length ? `Save ${ranked} of ${item.responses.length}` : 'Save the order',
    disabled: ranked < 2,
    act: () => session.answer({ kind: 'ranking', groups }),
  };
  return (
    <Frame {...props} actions={[...picks, equal, back, submit]}>
      <Text aria-live="polite">
        {groups.length === 0
          ? 'Choose the best response first.'
          : `${groups.map((group) => group.map(letterOf).join(' = ')).join(' > ')}${isEqual ? ' = …' : ''}`}
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 3 }} spacing="md">
        {item.responses.map((text, at) => (
          <ResponsePane
            key={at}
            letter={letterOf(at)}
            beside={rankOf(at) >= 0 && <Badge color="indigo.8">rank {rankOf(at) + 1}</Badge>}
            action={<KeyButton action={picks[at]!} selected={rankOf(at) >= 0} />}
          >
            <Markdown text={text} language={item.language} />
          </ResponsePane>
        ))}
      </SimpleGrid>
      <Stack role="group" aria-label="Your judgement">
        <Group justify="center">
          <KeyButton action={equal} selected={isEqual} />
          <KeyButton action={back} />
          <KeyButton action={submit} main />
        </Group>
      </Stack>
    </Frame>
  );
};
