import * as fs from 'node:fs';
import * as path from 'node:path';

const SOURCES = path.join(__dirname, 'sources');

/** A program that people would pick instead of this library. */
export interface Rival {
  readonly name: string;
  /** The package of its main function. */
  readonly source: string;
  /** The most charts that are tried. @default - as many as this library gets */
  readonly most?: number;
  /** Writes what the program reads into a directory, and returns its arguments. Its standard output are the objects. */
  readonly prepare: (folder: string, count: number) => string[];
}

const indices = (count: number) => Array.from({ length: count }, (_, i) => i);

export const RIVALS: readonly Rival[] = [
  { name: 'helm', source: 'helm.sh/helm/v4/cmd/helm', prepare: helm },
  {
    name: 'jsonnet',
    source: 'github.com/google/go-jsonnet/cmd/jsonnet',
    prepare: (_, count) => ['-y', '--tla-code', `count=${count}`, path.join(SOURCES, 'platform.jsonnet')],
  },
  {
    name: 'cue',
    source: 'cuelang.org/go/cmd/cue',
    prepare: (_, count) => [
      ...['export', path.join(SOURCES, 'platform.cue'), '--inject', `count=${count}`],
      ...['--expression', 'stream', '--out', 'text'],
    ],
  },
  // Its build is quadratic.
  { name: 'kustomize', source: 'sigs.k8s.io/kustomize/kustomize/v5', most: 100, prepare: kustomize },
];

/** One Helm chart, with a list of services in its values. */
function helm(folder: string, count: number): string[] {
  const services = indices(count).map(
    (i) => `- name: service-${i}\n  image: registry.example.com/team/service-${i}:1.0.0\n`,
  );
  const values = path.join(folder, 'values.yaml');
  fs.writeFileSync(values, `services:\n${services.join('')}`);
  return ['template', 'platform', path.join(SOURCES, 'helm'), '--values', values];
}

/** A base of five objects with an overlay for each service, and their Namespaces. */
function kustomize(folder: string, count: number): string[] {
  const kustomization = (name: string, lines: readonly string[]) => {
    fs.mkdirSync(path.join(folder, name), { recursive: true });
    const head = ['apiVersion: kustomize.config.k8s.io/v1beta1', 'kind: Kustomization'];
    fs.writeFileSync(path.join(folder, name, 'kustomization.yaml'), [...head, ...lines, ''].join('\n'));
  };
  fs.cpSync(path.join(SOURCES, 'kustomize'), folder, { recursive: true });
  for (const i of indices(count)) {
    kustomization(`services/${i}`, [
      ...['resources:', '- ../../base', `namespace: service-${i}`, `namePrefix: service-${i}-`],
      ...['images:', '- name: registry.example.com/team/service', `  newName: registry.example.com/team/service-${i}`],
    ]);
  }
  const namespaces = indices(count).map(
    (i) => `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: service-${i}-namespace\n`,
  );
  fs.writeFileSync(path.join(folder, 'namespaces.yaml'), namespaces.join('---\n'));
  kustomization('.', ['resources:', '- namespaces.yaml', ...indices(count).map((i) => `- services/${i}`)]);
  return ['build', folder];
}
