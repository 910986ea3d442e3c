import * as fs from 'node:fs';
import * as path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { PlannedCluster } from '../plan';
import { Kubectl } from '../run/kubectl';
import { lastLines, runCommand } from '../run/process';

/** An object that Flux reconciles. */
export interface Reconciled {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

interface Manifest {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
}

/** The files of a cluster in the output directory. */
export class ClusterFiles {
  /**
   * @param root the directory of the repository
   * @param cluster the cluster of the plan
   */
  constructor(
    private readonly root: string,
    private readonly cluster: PlannedCluster,
  ) {}

  /** Returns the objects of the entry point on which everything else depends: the source, then the layers in their order. */
  reconciled(): Reconciled[] {
    const { name, layers, namespace } = this.cluster;
    const all = this.filesIn(this.cluster.entry)
      .filter((file) => !this.cluster.encrypted.includes(path.basename(file)))
      .flatMap((file) => parseAllDocuments(fs.readFileSync(file, 'utf8')).map((each) => each.toJS() as Manifest | null))
      .filter((manifest): manifest is Manifest => manifest !== null)
      .map(({ kind = '', metadata = {} }) => ({
        kind,
        name: metadata.name ?? '',
        namespace: metadata.namespace ?? namespace,
      }));
    const order = ({ kind, name: own }: Reconciled) =>
      kind === 'GitRepository'
        ? 0
        : own === name
          ? 1
          : 2 + layers.findIndex((layer) => own === `${name}-${layer}` || own.startsWith(`${name}-${layer}-`));
    return all
      .filter(({ kind }) => kind === 'GitRepository' || kind === 'Kustomization')
      .sort((a, b) => order(a) - order(b));
  }

  /** Returns the ImagePolicies that select the images of a layer, as `namespace/name`. */
  policiesOf(kustomization: string): string[] {
    const folder = path.join(
      this.root,
      path.dirname(this.cluster.entry),
      kustomization.slice(this.cluster.name.length + 1),
    );
    const texts = this.filesIn(folder).map((file) => fs.readFileSync(file, 'utf8'));
    const names = texts.flatMap((text) => [...text.matchAll(/"\$imagepolicy": "([^:"]+):([^:"]+)/g)]);
    return [...new Set(names.map(([, namespace, name]) => `${namespace}/${name}`))];
  }

  /**
   * Applies the files of a directory. Encrypted files are decrypted on their way. Fields that kubectl applied are those
   * of Flux afterwards: it removes the owner "kubectl".
   */
  async apply(folder: string, kubectl: Kubectl, environment: NodeJS.ProcessEnv): Promise<void> {
    const files = this.filesIn(folder);
    const isEncrypted = (file: string) => /^sops:$/m.test(fs.readFileSync(file, 'utf8'));
    for (const file of files.filter(isEncrypted)) {
      const { code, stdout, stderr } = await runCommand('sops', ['decrypt', file], { environment });
      if (code !== 0) {
        throw new Error(`sops cannot decrypt ${file}: ${lastLines(stderr)}`);
      }
      await kubectl.run([...APPLY, '--filename', '-'], { input: stdout });
    }
    const clear = files.filter((file) => !isEncrypted(file)).flatMap((file) => ['--filename', file]);
    if (clear.length > 0) {
      await kubectl.run([...APPLY, ...clear]);
    }
  }

  /** Returns the directory of a layer, and of its parts. */
  layerFolders(layer: string): string[] {
    const base = path.join(path.dirname(this.cluster.entry));
    const names = fs
      .readdirSync(path.join(this.root, base))
      .filter((each) => each === layer || each.startsWith(`${layer}-`));
    return names.sort().map((each) => path.join(base, each));
  }

  private filesIn(folder: string): string[] {
    const whole = path.resolve(this.root, folder);
    const names = fs.existsSync(whole) ? fs.readdirSync(whole, { recursive: true, encoding: 'utf8' }) : [];
    return names
      .filter((name) => /\.ya?ml$/.test(name))
      .sort()
      .map((name) => path.join(whole, name));
  }
}

const APPLY = ['apply', '--server-side', '--force-conflicts'];
