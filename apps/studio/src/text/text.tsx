/** @file Texts of prompts and responses: as Markdown, or word for word with what differs marked. */
import { Badge, Box, Group, Stack } from '@mantine/core';
import { type ReactNode, useMemo } from 'react';
import { renderMarkdown } from './markdown.ts';
import type { Piece } from './word-differences.ts';

export const Markdown = ({
  text,
  language,
}: {
  readonly text: string;
  readonly language?: string | undefined;
}) => {
  const html = useMemo(() => renderMarkdown(text), [text]);
  return <Prose html={html} language={language} />;
};

/** @param html Made safe already */
export const Prose = ({
  html,
  language,
}: {
  readonly html: string;
  readonly language?: string | undefined;
}) => <div className="prose" dir="auto" lang={language} dangerouslySetInnerHTML={{ __html: html }} />;

/** @param side What its own pieces are called: `added` is underlined, `removed` is struck through. */
export const Differences = ({
  pieces,
  side,
  language,
}: {
  readonly pieces: readonly Piece[];
  readonly side: 'added' | 'removed';
  readonly language?: string | undefined;
}) => (
  <div className="diff" dir="auto" lang={language}>
    {pieces.map(({ text, same }, at) =>
      same ? (
        <span key={at}>{text}</span>
      ) : (
        <mark key={at} data-side={side}>
          {text}
        </mark>
      ),
    )}
  </div>
);

/** A conversation, with who says what where there is more than one turn. */
export const Conversation = ({
  messages,
  language,
}: {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly language?: string | undefined;
}) => (
  <Stack gap="xs">
    {messages.map(({ role, content }, at) => (
      <Box key={at}>
        {messages.length > 1 && (
          <Group mb={2}>
            <Badge size="xs" variant="outline" color="gray" c="var(--mantine-color-text)">
              {role}
            </Badge>
          </Group>
        )}
        <Markdown text={content} language={language} />
      </Box>
    ))}
  </Stack>
);

/** A text that may be long: it is scrolled by keyboard, too. */
export const Scrolled = ({ label, children }: { readonly label: string; readonly children: ReactNode }) => (
  <Box className="response" tabIndex={0} role="group" aria-label={label}>
    {children}
  </Box>
);
