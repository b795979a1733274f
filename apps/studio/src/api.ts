/** @file The studio's one way to the server: the client, and queries over its operations. */
import { ApiError, type Client, createClient, type Input, type Operations, type Result } from '@plaudit/sdk';
import {
  keepPreviousData,
  QueryClient,
  type UseQueryResult,
  useMutation,
  useQuery,
} from '@tanstack/react-query';

export const client: Client = createClient();

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // What the caller has to change does not get better by asking again.
      retry: (failures, error) => failures < 3 && (!(error instanceof ApiError) || error.isPassing),
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

type Name = keyof Operations;

export interface AskOptions {
  /** Milliseconds between two questions, for what changes while one looks at it. */
  readonly every?: number;
  readonly enabled?: boolean;
}

/** Asks an operation and keeps the answer; what is asked is the key. */
export const useAsk = <Operation extends Name>(
  operation: Operation,
  input: Input<Operation>,
  { every, enabled = true }: AskOptions = {},
): UseQueryResult<Result<Operation>, Error> =>
  useQuery<Result<Operation>, Error>({
    queryKey: [operation, input],
    // A query without an answer is told apart from one that has not answered yet.
    queryFn: async ({ signal }) => (await client.call(operation, input, { signal })) ?? (null as never),
    enabled,
    placeholderData: keepPreviousData as never,
    ...(every !== undefined && { refetchInterval: every }),
  });

/** Does an operation; afterwards everything that is on the screen is asked again. */
export const useDo = <Operation extends Name>(operation: Operation) =>
  useMutation({
    mutationFn: (input: Input<Operation>) => client.call(operation, input),
    onSuccess: () => queryClient.invalidateQueries(),
  });
