/** @file What is chosen on a page is in its address: it can be linked to, and survives a reload. */
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

/** A choice of the page by its name in the address; the default is not written there. */
export const useChoice = <Value extends string>(
  name: string,
  otherwise: Value,
): readonly [Value, (value: Value) => void] => {
  const found = (useSearch({ strict: false }) as Readonly<Record<string, unknown>>)[name];
  const navigate = useNavigate();
  const choose = useCallback(
    (value: Value) =>
      void navigate({
        to: '.',
        replace: true,
        resetScroll: false,
        // The router reads a number where one is written, and would put a text that looks like one in quotes.
        search: (before: Readonly<Record<string, unknown>>) => ({
          ...before,
          [name]: value === otherwise ? undefined : /^\d{1,15}$/.test(value) ? Number(value) : value,
        }),
      } as never),
    [navigate, name, otherwise],
  );
  const isText = typeof found === 'string' || typeof found === 'number';
  return [isText ? (String(found) as Value) : otherwise, choose];
};

/** Several choices under one name, separated by commas. */
export const useChoices = (
  name: string,
): readonly [readonly string[], (values: readonly string[]) => void] => {
  const [text, choose] = useChoice<string>(name, '');
  return [text === '' ? [] : text.split(','), (values) => choose(values.join(','))];
};
