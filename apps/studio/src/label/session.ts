/** @file A labelling session: the item on the screen, those that come after it, and the way back. */
import { ApiError, type Result } from '@plaudit/sdk';
import { useCallback, useEffect, useRef, useState } from 'react';
import { client } from '../api.ts';
import { type Answer, flush, outbox } from './outbox.ts';

export type Item = Result<'nextLabellingItems'>['items'][number];

export interface Session {
  /** Undefined while the first one is awaited, null when there is none left. */
  readonly item: Item | null | undefined;
  readonly error: unknown;
  /** Answered or skipped in this session. */
  readonly done: number;
  readonly canUndo: boolean;
  readonly isUndoing: boolean;
  readonly answer: (answer: Answer) => void;
  readonly skip: () => void;
  readonly undo: () => void;
  readonly retry: () => void;
}

/** The one on the screen, and two after it. */
const atHand = 3;
const undoable = 10;

interface Done {
  readonly assignment: string;
  /** Absent for what was done before the page was opened. */
  readonly item?: Item;
}

/** The items of a task, one after the other. */
export const useLabellingSession = (project: string, task: string): Session => {
  const [items, setItems] = useState<readonly Item[]>();
  const [isEnd, setIsEnd] = useState(false);
  const [error, setError] = useState<unknown>();
  const [history, setHistory] = useState<readonly Done[]>([]);
  const [done, setDone] = useState(0);
  const [isUndoing, setIsUndoing] = useState(false);
  /** What has left the screen, though the server may not know of it yet. */
  const gone = useRef(new Set<string>());
  const shownAt = useRef(performance.now());
  const item = items?.[0];

  const refill = useCallback(async () => {
    try {
      // What waits in the outbox is still open at the server and comes back with the others.
      const waiting = outbox.state().waiting.filter((one) => one.task === task).length;
      const { items: found } = await client.call('nextLabellingItems', {
        params: { project, task },
        body: { open: Math.min(5, atHand + waiting) },
      });
      const kept = new Set(outbox.state().waiting.map(({ assignment }) => assignment));
      const fresh = found.filter(({ assignment }) => !gone.current.has(assignment) && !kept.has(assignment));
      setItems((before = []) => [
        ...before,
        ...fresh.filter((one) => !before.some(({ assignment }) => assignment === one.assignment)),
      ]);
      setIsEnd(fresh.length === 0 && waiting === 0);
      setError(undefined);
    } catch (thrown) {
      setError(thrown);
    }
  }, [project, task]);

  useEffect(() => {
    void flush().then(refill);
    client
      .call('recentLabellingItems', { params: { project, task } })
      .then(({ items: recent }) => setHistory(recent.map(({ assignment }) => ({ assignment })).reverse()))
      .catch(() => undefined);
  }, [project, task, refill]);

  useEffect(() => {
    shownAt.current = performance.now();
  }, [item?.assignment]);

  // Without a connection the items at hand run out; more are asked for until they come.
  useEffect(() => {
    if (!(error instanceof ApiError) || !error.isPassing) return;
    const timer = setTimeout(() => void refill(), 3000);
    return () => clearTimeout(timer);
  }, [error, refill]);

  const leave = (answer: Answer | undefined): void => {
    if (!item) return;
    const { assignment } = item;
    gone.current.add(assignment);
    outbox.put({
      project,
      task,
      assignment,
      ...(answer && { answer }),
      seconds: Math.min(86_400, (performance.now() - shownAt.current) / 1000),
      at: Date.now(),
    });
    setItems((before = []) => before.filter((one) => one.assignment !== assignment));
    setHistory((before) => [...before, { assignment, item }].slice(-undoable));
    setDone((before) => before + 1);
    // The server gives out the next ones once it knows that this one is done.
    void flush().then(refill);
  };

  const undo = async (): Promise<void> => {
    const last = history.at(-1);
    if (!last || isUndoing) return;
    setIsUndoing(true);
    try {
      const again =
        (await outbox.takeBack(last.assignment)) && last.item
          ? last.item
          : await client.call('undoLabellingItem', { params: { project, assignment: last.assignment } });
      gone.current.delete(again.assignment);
      setItems((before = []) => [
        again,
        ...before.filter(({ assignment }) => assignment !== again.assignment),
      ]);
      setHistory((before) => before.slice(0, -1));
      setDone((before) => Math.max(0, before - 1));
      setError(undefined);
    } catch (thrown) {
      setError(thrown);
    } finally {
      setIsUndoing(false);
    }
  };

  return {
    item: item ?? (items !== undefined && isEnd ? null : undefined),
    error,
    done,
    canUndo: history.length > 0 && !isUndoing,
    isUndoing,
    answer: leave,
    skip: () => leave(undefined),
    undo: () => void undo(),
    retry: () => void refill(),
  };
};
