/**
 * Measures what Flux's image automation does to a repository with many images: the time of its setter, the size of a commit, and
 * whether the commit merges with one that adds an image: `node --import tsx bench/automation.ts [images, by default 10000]`. Needs
 * Go and Git. The files are those of a platform with ten Deployments a chart, in a temporary directory.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { canonicalDocument, canonicalFile, ImageLock, ManagedImage } from '../lib/output';

const ROOT = path.join(__dirname, '..');
const PER_CHART = 10;
const OUTPUT = 'dist/clusters/home';

const image = (i: number): ManagedImage => ({
  policy: `flux-system:service-${String(i).padStart(5, '0')}`,
  name: `git.example.com/platform/service-${i}`,
  initialTag: 'main-0000000-0',
  reflectsDigest: false,
  output: OUTPUT,
});

/** A Deployment with the marker of its image. */
function deployment(i: number): string {
  const { policy, name, initialTag } = image(i);
  const labels = { 'app.kubernetes.io/name': `service-${i}` };
  return canonicalDocument(
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: `service-${i}`, namespace: `team-${i - (i % PER_CHART)}` },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: 'app', image: 'IMAGE', ports: [{ containerPort: 8080 }] }] },
        },
      },
    },
    {
      sortKeys: true,
      resolve: (text) => (text === 'IMAGE' ? { value: `${name}:${initialTag}`, setter: policy } : undefined),
    },
  );
}

class Repository {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk8s-forge-automation-'));
  private readonly updater = path.join(this.folder, '.flux-update');

  constructor(private readonly count: number) {
    const module = path.join(ROOT, 'conformance/setters');
    const toolchain = /^toolchain (.*)$/m.exec(fs.readFileSync(path.join(module, 'go.mod'), 'utf8'))?.[1];
    const env = { ...process.env, ...(toolchain === undefined ? {} : { GOTOOLCHAIN: toolchain }) };
    execFileSync('go', ['build', '-o', this.updater, './cmd/flux-update'], { cwd: module, env });
    this.git('init', '--quiet', '--initial-branch', 'main');
    fs.writeFileSync(path.join(this.folder, '.git/info/exclude'), '.flux-update\n');
    fs.mkdirSync(path.join(this.folder, OUTPUT, 'apps'), { recursive: true });
    for (let i = 0; i < count; i += PER_CHART) {
      const documents = Array.from({ length: Math.min(PER_CHART, count - i) }, (_, j) => deployment(i + j));
      fs.writeFileSync(path.join(this.folder, OUTPUT, `apps/team-${i}.k8s.yaml`), canonicalFile(documents));
    }
    this.writeLock(Array.from({ length: count }, (_, i) => image(i)));
    this.commit();
  }

  git(...args: string[]): string {
    const identity = ['-c', 'user.name=flux', '-c', 'user.email=flux@example.com', '-c', 'gc.auto=0'];
    return execFileSync('git', [...identity, ...args], { cwd: this.folder, encoding: 'utf8', maxBuffer: 2 ** 28 });
  }

  commit(): void {
    this.git('add', '--all');
    this.git('commit', '--quiet', '--message', 'Change');
  }

  /** Merges the images into the lock, as a synth does; returns its CPU time in seconds. */
  writeLock(images: readonly ManagedImage[]): number {
    const file = path.join(this.folder, 'images.yaml');
    const start = process.cpuUsage();
    const present = fs.existsSync(file)
      ? ImageLock.parse(fs.readFileSync(file, 'utf8'), 'images.yaml')
      : ImageLock.empty();
    fs.writeFileSync(file, present.mergedWith(images, { outputs: ['dist'] }).render());
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1e6;
  }

  /** Lets Flux's setter write a tag for these images; returns its CPU time in seconds. */
  update(tag: string, changed: readonly number[]): number {
    const policies = changed.length === this.count ? [] : changed.flatMap((i) => ['-policy', image(i).policy]);
    const args = ['-c', 'TIMEFORMAT="%U %S"; time "$0" "$@" > /dev/null', this.updater];
    const { status, stderr } = spawnSync('bash', [...args, '-root', this.folder, '-tag', tag, ...policies], {
      encoding: 'utf8',
    });
    if (status !== 0) {
      throw new Error(stderr);
    }
    const [user, system] = stderr.trim().replaceAll('"', '').split(' ').map(Number);
    return user + system;
  }

  /** The size of the last commit: files, changed lines, and bytes that a push sends. */
  get size(): { files: number; lines: number; kilobytes: number } {
    const stat = this.git('show', '--numstat', '--format=', 'HEAD').trim().split('\n');
    const lines = stat.reduce((sum, line) => sum + Number(line.split('\t')[0]), 0);
    const pack = spawnSync('git', ['pack-objects', '--revs', '--thin', '--stdout', '--quiet'], {
      cwd: this.folder,
      input: 'HEAD\n^HEAD~1\n',
      maxBuffer: 2 ** 28,
    });
    return { files: stat.length, lines, kilobytes: Math.round(pack.stdout.length / 1000) };
  }

  /** Whether a commit of Flux that changes these images merges with one that adds an image after image `after`. */
  merges(changed: readonly number[], after: number): boolean {
    this.git('checkout', '--quiet', '-B', 'operator', 'main');
    const added = { ...image(after), policy: `${image(after).policy}-new` };
    this.writeLock([...Array.from({ length: this.count }, (_, i) => image(i)), added]);
    this.commit();
    this.git('checkout', '--quiet', '-B', 'flux', 'main');
    this.update('main-7654321-1800000000', changed);
    this.commit();
    const { status } = spawnSync('git', ['merge-tree', '--write-tree', 'flux', 'operator'], { cwd: this.folder });
    this.git('checkout', '--quiet', 'main');
    return status === 0;
  }
}

const count = Number(process.argv[2] ?? 10_000);
const repository = new Repository(count);
try {
  const all = Array.from({ length: count }, (_, i) => i);
  const print = (name: string, value: string) => console.log(`${name.padEnd(52)} ${value}`);
  print('images.yaml', `${Math.round(fs.statSync(path.join(repository.folder, 'images.yaml')).size / 1000)} KB`);
  print('CPU time to read, merge and write images.yaml', `${repository.writeLock(all.map(image)).toFixed(2)} s`);
  for (const changed of [all.slice(0, 1), all.filter((i) => i % Math.ceil(count / 100) === 0), all]) {
    const seconds = repository.update(`main-1234567-${1_700_000_000 + changed.length}`, changed);
    repository.commit();
    const { files, lines, kilobytes } = repository.size;
    print(
      `commit with ${changed.length} changed tags`,
      `setter ${seconds.toFixed(1)} s, ${files} files, ${lines} lines, ${kilobytes} KB`,
    );
  }
  const middle = Math.floor(count / 2);
  const says = (merges: boolean) => (merges ? 'merges' : 'conflicts');
  print('merge, image added after one that Flux changed', says(repository.merges([middle], middle)));
  print('merge, image added before one that Flux changed', says(repository.merges([middle + 1], middle)));
  print('merge, image added two after one that Flux changed', says(repository.merges([middle - 1], middle)));
  print('merge, image added and all tags changed', says(repository.merges(all, middle)));
} finally {
  fs.rmSync(repository.folder, { recursive: true, force: true });
}
