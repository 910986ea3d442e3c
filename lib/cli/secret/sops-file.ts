import { parseAllDocuments } from 'yaml';
import { ForgeError } from '../../support';
import { lastLines, runCommand } from '../run/process';

/**
 * Returns the content of a file that SOPS encrypted: the data of its Secrets by `namespace/name` and by `name`, and
 * other entries under the empty text. The decrypted text is in memory only.
 *
 * @throws FORGE-CLI-013 if `sops` cannot decrypt the file
 */
export async function readSops(
  file: string,
  environment: NodeJS.ProcessEnv,
): Promise<Map<string, Record<string, string>>> {
  const { code, stdout, stderr } = await runCommand('sops', ['decrypt', '--output-type', 'yaml', file], {
    environment,
  });
  if (code !== 0) {
    throw ForgeError.of({
      code: 'FORGE-CLI-013',
      message: `sops cannot decrypt ${file}: ${lastLines(stderr)}`,
      fix: 'install sops 3.9 or newer, and set the key of the file, for example SOPS_AGE_KEY_FILE',
    });
  }
  const found = new Map<string, Record<string, string>>();
  const add = (name: string, data: Record<string, string>) => found.set(name, { ...found.get(name), ...data });
  for (const document of parseAllDocuments(stdout)) {
    const content: unknown = 'toJS' in document ? document.toJS() : undefined;
    if (typeof content === 'object' && content !== null) {
      addDocument(content as Record<string, unknown>, add);
    }
  }
  return found;
}

function addDocument(
  content: Record<string, unknown>,
  add: (name: string, data: Record<string, string>) => void,
): void {
  if (content.kind !== 'Secret') {
    add(
      '',
      texts(content, (value) => value),
    );
    return;
  }
  const { namespace, name } = (content.metadata ?? {}) as { namespace?: string; name?: string };
  const data = {
    ...texts(content.data, (value) => Buffer.from(value, 'base64').toString()),
    ...texts(content.stringData, (value) => value),
  };
  add(namespace === undefined ? String(name) : `${namespace}/${name}`, data);
}

function texts(values: unknown, read: (value: string) => string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values ?? {})
      .filter(([, value]) => typeof value === 'string' || typeof value === 'number')
      .map(([key, value]) => [key, read(String(value))]),
  );
}
