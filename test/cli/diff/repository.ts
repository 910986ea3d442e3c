import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ApiObject, Chart } from 'cdk8s';
import { GitOpsApp } from '../../../lib/app';
import { Change } from '../../../lib/cli/diff/changes';
import { difference } from '../../../lib/cli/diff/diff';
import { Difference } from '../../../lib/cli/diff/report';
import { Cluster } from '../../../lib/flux';
import { Forge } from '../../../lib/forge';
import { temporaryFolder, writeTree } from '../../support/workspace';

/** A GitOps repository, to which programs are synthesized. */
export class GitOpsRepository {
  readonly folder = fs.realpathSync(temporaryFolder());
  readonly outdir = path.join(this.folder, 'dist');

  constructor() {
    this.git('init', '--quiet', '--initial-branch', 'main');
  }

  git(...args: string[]): string {
    const settings = [
      '-c',
      'user.name=Someone',
      '-c',
      'user.email=someone@example.com',
      '-c',
      'core.hooksPath=/dev/null',
    ];
    return execFileSync('git', [...settings, ...args], { cwd: this.folder, encoding: 'utf8', stdio: 'pipe' });
  }

  /** Synthesizes a program with one cluster. */
  synth(program: (cluster: Cluster) => void): this {
    const app = new GitOpsApp({ outdir: this.outdir, imageLock: path.join(this.folder, 'images.yaml') });
    program(new Cluster(app, 'home', { source: forge.repository('platform/gitops') }));
    app.synth();
    return this;
  }

  commit(): this {
    this.git('add', '--all');
    this.git('commit', '--quiet', '--allow-empty', '--message', 'A commit');
    return this;
  }

  /** Puts manifests in the place of the output: each Kustomization of the entry applies a directory. */
  write(files: Record<string, object[]>): this {
    fs.rmSync(this.outdir, { recursive: true, force: true });
    const texts = Object.entries(files).map(([name, objects]) => [
      `dist/clusters/home/${name}/all.k8s.yaml`,
      objects.map((object) => `---\n${JSON.stringify(object)}\n`).join(''),
    ]);
    writeTree(this.folder, Object.fromEntries(texts));
    return this;
  }

  diff(commit = 'HEAD'): Promise<Difference> {
    return difference({ outdir: this.outdir, commit });
  }

  async changes(commit = 'HEAD'): Promise<Change[]> {
    return (await this.diff(commit)).clusters.flatMap(({ changes }) => changes);
  }
}

const forge = Forge.gitea({ version: '1.26', url: 'https://git.example.com' });

/** A chart of ConfigMaps and claims. */
export function chart(cluster: Cluster, id: string, ...objects: object[]): Chart {
  const made = new Chart(cluster, id, { namespace: 'apps' });
  objects.forEach((object, i) => new ApiObject(made, `o${i}`, object as never));
  return made;
}

/** A Kustomization that applies a directory of the cluster. */
export function kustomization(name: string, directory = name, spec: object = {}): object {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name, namespace: 'flux-system' },
    spec: {
      path: `./dist/clusters/home/${directory}`,
      prune: true,
      interval: '10m',
      sourceRef: { kind: 'GitRepository', name: 'home' },
      ...spec,
    },
  };
}

export const configMap = (name: string, data: object = {}, annotations?: object): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'apps', ...(annotations ? { annotations } : {}) },
  data,
});

export const claim = (name: string, size = '1Gi', spec: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'apps' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } }, ...spec },
});

/** One line for each change: what happens to what. */
export function lines(changes: readonly Change[]): string[] {
  return changes
    .map(({ action, object, to, deletes, waits }) =>
      [
        action,
        `${object.id.kind}/${object.id.name}`,
        ...(to ? [`to ${to.replace('flux-system/', '')}`] : []),
        ...(deletes ? [`deletes: ${deletes}`] : []),
        ...(waits ? [`waits for ${waits.for.replace('flux-system/', '')}`] : []),
      ].join(' '),
    )
    .sort();
}
