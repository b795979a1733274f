/** @file Who is signed in, and what they are in the project on the screen. */
import { ApiError, type Result } from '@plaudit/sdk';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { client, queryClient } from '../api.ts';

type Me = Result<'me'>;
export type Role = 'owner' | 'engineer' | 'reviewer' | 'annotator' | 'viewer';

const meKey = ['who is signed in'];

/** The signed-in person with all projects; null for nobody. */
const whoIsSignedIn = async (): Promise<Me | null> => {
  try {
    const me = await client.call('me', {});
    if (!me.administrator) return me;
    // Who administers the installation sees every project without being a member.
    const { projects } = await client.call('listProjects', {});
    return { ...me, projects: projects.map(({ name, role }) => ({ project: name, role })) };
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
};

export const useMe = () => useQuery({ queryKey: meKey, queryFn: whoIsSignedIn, staleTime: 60_000 });

/** After signing in or out: what was asked by somebody else is forgotten. */
export const forgetAnswers = async (): Promise<void> => {
  queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== meKey[0] });
  await queryClient.invalidateQueries({ queryKey: meKey });
};

/** The name of the project that the address names. */
export const useProject = (): string => (useParams({ strict: false }) as { project?: string }).project ?? '';

/** What the person is in the project on the screen. */
export const useRole = (): Role | null => {
  const project = useProject();
  const { data } = useMe();
  return data?.projects.find((one) => one.project === project)?.role ?? null;
};

export const mayManage = (role: Role | null): boolean => role === 'owner' || role === 'engineer';
export const mayReview = (role: Role | null): boolean => role === 'owner' || role === 'reviewer';
export const mayRead = (role: Role | null): boolean => role !== null && role !== 'annotator';
