/** @file The rubric beside the item: guideline, criteria with their scales, worked examples. */
import { Accordion, Badge, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { Markdown } from '../text/text.tsx';
import type { Task } from './frame.tsx';

type Rubric = NonNullable<Task['rubric']>;

interface Example {
  readonly title?: string;
  readonly prompt?: string;
  readonly response?: string;
  readonly value: string | number;
  readonly because: string;
}

export const RubricPanel = ({ rubric }: { readonly rubric: Rubric }) => (
  <Paper withBorder p="md" radius="md" component="aside" aria-label="Rubric">
    <Stack gap="sm">
      <Group justify="space-between">
        <Title order={2} size="h5">
          {rubric.name}
        </Title>
        <Text size="xs" c="dimmed">
          version {rubric.version}
        </Text>
      </Group>
      <Markdown text={rubric.guideline} />
      {rubric.criteria.length > 0 && (
        <Accordion multiple variant="contained" order={3} defaultValue={[rubric.criteria[0]!.name]}>
          {rubric.criteria.map(({ name, description, scale, examples }) => (
            <Accordion.Item key={name} value={name}>
              <Accordion.Control>
                <Text size="sm" fw={600}>
                  {name}{' '}
                  <Text span size="xs" c="dimmed">
                    {scale.least} to {scale.most}
                  </Text>
                </Text>
              </Accordion.Control>
              <Accordion.Panel>
                <Stack gap="xs">
                  {description && <Markdown text={description} />}
                  {(examples as readonly unknown[] as readonly Example[]).map((example) => (
                    <WorkedExample key={`${example.value} ${example.because}`} example={example} />
                  ))}
                </Stack>
              </Accordion.Panel>
            </Accordion.Item>
          ))}
        </Accordion>
      )}
    </Stack>
  </Paper>
);

const WorkedExample = ({
  example: { title, prompt, response, value, because },
}: {
  readonly example: Example;
}) => (
  <Paper withBorder p="xs" radius="sm">
    <Group gap="xs" mb={4}>
      <Badge variant="outline" color="gray" c="var(--mantine-color-text)" size="sm">
        {value}
      </Badge>
      <Text size="xs" fw={600}>
        {title ?? 'Worked example'}
      </Text>
    </Group>
    {prompt && <Markdown text={prompt} />}
    {response && <Markdown text={response} />}
    <Text size="xs" c="dimmed" mt={4}>
      {because}
    </Text>
  </Paper>
);
