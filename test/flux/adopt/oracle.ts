import { parseAllDocuments } from 'yaml';
import { NAME } from './shapes';

/** What is known about an adopted file. */
interface Known {
  readonly file: string;
  readonly tag: string;
  /** The warnings name the places that may stay as they are. */
  readonly warnings: readonly string[];
}

type Fields = Record<string, unknown>;

/**
 * Returns the places that deploy the image in another version than the tag, without a warning. Reads the data of the
 * file as Kubernetes, Helm and kustomize do: aliases and merge keys are resolved.
 */
export function outOfStep(text: string, { file, tag, warnings }: Known): string[] {
  const stale: string[] = [];
  const isWarned = (path: string) => warnings.some((warning) => warning.includes(`${path}"`));
  const note = (path: string, isRight: boolean) => (isRight || isWarned(path) ? undefined : stale.push(path));
  for (const document of parseAllDocuments(text, { merge: true })) {
    const root = document.toJS() as Fields | null;
    if (root === null || root.kind === 'ImageRepository') {
      continue;
    }
    const isKustomization =
      root.kind === 'Kustomization' || (root.kind === undefined && file.includes('kustomization'));
    walk(root, [], (value, path) => {
      const at = path.join('.');
      if (typeof value === 'string') {
        note(at, !new RegExp(`(^|[^\\w./-])${NAME}[:@]`).test(value) || value === `${NAME}:${tag}`);
        return;
      }
      const [index, list, parent] = [...path].reverse();
      if (/^\d+$/.test(index) && list === 'images' && (isKustomization || parent === 'kustomize')) {
        const { name, newName, newTag, digest } = value;
        const isOther = (newName || name) !== NAME;
        note(at, isOther || newTag === tag || (!newName && newTag === undefined && digest === undefined));
        return;
      }
      const key = ['repository', 'image', 'name'].find((one) => nameIn(value, one) === NAME);
      if (key !== undefined && 'tag' in value) {
        note(`${at}.tag`, value.tag === tag);
      } else if (key === 'repository' || key === 'image') {
        note([...path, key].join('.'), false);
      }
    });
  }
  return stale;
}

function nameIn(value: Fields, key: string): unknown {
  return typeof value.registry === 'string' ? `${value.registry}/${String(value[key])}` : value[key];
}

function walk(value: unknown, path: string[], see: (value: string | Fields, path: string[]) => void): void {
  if (typeof value === 'string') {
    see(value, path);
  } else if (value !== null && typeof value === 'object') {
    if (!Array.isArray(value)) {
      see(value as Fields, path);
    }
    Object.entries(value).forEach(([key, item]) => walk(item, [...path, key], see));
  }
}
