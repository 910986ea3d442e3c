import { parseTemplate } from './template';

/** Contexts that contain the token of the job, by the name that a forge gives them. */
const TOKEN_CONTEXTS = ['github', 'gitea', 'forgejo'];

/**
 * Returns the names of the secrets of the forge that a text reads, in whatever form: `secrets.A`, `secrets['A']`.
 *
 * @jsii ignore
 */
export function secretsInText(text: string): string[] {
  const paths = pathsIn(text).filter(([context]) => context.toLowerCase() === 'secrets');
  return paths.flatMap(([, name]) => (name === undefined ? [] : [name]));
}

/**
 * Returns whether a text reads the token of the job.
 *
 * @jsii ignore
 */
export function readsJobToken(text: string): boolean {
  return pathsIn(text).some(
    ([context, member]) => TOKEN_CONTEXTS.includes(context.toLowerCase()) && member?.toLowerCase() === 'token',
  );
}

function pathsIn(text: string): string[][] {
  return parseTemplate(text).flatMap((part) => (typeof part === 'string' ? [] : part.uses.map(({ path }) => path)));
}
