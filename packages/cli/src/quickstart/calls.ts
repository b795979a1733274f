/** @file The calls of the API that a step makes, for people to see how they would make them. */
import { type Client, operations } from '@plaudit/sdk';

export interface Calls {
  /** The same client, whose calls are remembered. */
  heard(client: Client): Client;
  /** What changed something since it was last asked, each kind of call once, such as `POST /v1/projects/p/runs`. */
  taken(): readonly string[];
}

export const callsIn = (project: string): Calls => {
  const made = new Set<string>();
  return {
    heard: (client) => ({
      call(operation, input, options) {
        const { method, path } = operations[operation];
        if (method !== 'GET') made.add(`${method} ${path.replace('{project}', project)}`);
        return client.call(operation, input, options);
      },
    }),
    taken() {
      const all = [...made];
      made.clear();
      return all;
    },
  };
};
