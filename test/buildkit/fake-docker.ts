import * as fs from 'node:fs';
import * as path from 'node:path';
import { Builder, IBuilder, ImageBuild } from '../../lib/buildkit';
import { Registry } from '../../lib/registry';
import { runBash } from '../support/bash';
import { temporaryFolder } from '../support/workspace';

export const ghcr = Registry.ghcr({ owner: 'example' });

export const BUILD: ImageBuild = {
  registry: ghcr,
  image: 'hello',
  context: 'app folder',
  dockerfile: 'docker/Dockerfile',
  tags: 'main-0123abc-1763600000 latest',
  commit: '0123abcdef',
  username: 'ci',
  token: 'secret',
};

/** Runs a script with a docker that notes its arguments, one command a line and one argument a field. */
export function run(
  builder: IBuilder = Builder.buildx(),
  build: Partial<ImageBuild> = {},
  given: Record<string, string> = {},
) {
  const notes = path.join(temporaryFolder(), 'notes');
  const { script, env } = builder.buildScript({ ...BUILD, ...build });
  const docker = `#!/bin/bash
{ printf '%s\\t' "$@"; echo; } >> '${notes}'
cat "$DOCKER_CONFIG/config.json" > '${notes}.auth' 2>/dev/null
cat "$DOCKER_CONFIG"/ca/*/ca.crt "$DOCKER_CONFIG"/tls/*.pem "$DOCKER_CONFIG/kubeconfig" > '${notes}.files' 2>/dev/null
printf '%s' "\${BUILDKIT_NO_CLIENT_TOKEN:-}" > '${notes}.token'
cat "$DOCKER_CONFIG/buildkitd.toml" >> '${notes}.toml' 2>/dev/null
while [ $# -gt 0 ]; do
  if [ "$1" = --metadata-file ]; then printf '{\\n  "containerimage.digest": "sha256:%064d"\\n}' 7 > "$2"; fi
  shift
done
`;
  const result = runBash(script, { env: { ...env, ...given }, commands: { docker } });
  const commands = fs.existsSync(notes)
    ? fs
        .readFileSync(notes, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.split('\t').slice(0, -1))
    : [];
  const text = (end: string) => (fs.existsSync(`${notes}.${end}`) ? fs.readFileSync(`${notes}.${end}`, 'utf8') : '');
  const [toml, auth, files, token] = ['toml', 'auth', 'files', 'token'].map(text);
  return { ...result, env, commands, build: commands[commands.length - 1], toml, auth, files, token };
}
