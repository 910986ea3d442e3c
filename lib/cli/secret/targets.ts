import * as fs from 'node:fs';
import * as path from 'node:path';
import { stringify } from 'yaml';
import { ForgeError } from '../../support';
import { Kubectl } from '../run/kubectl';
import { lastLines, runCommand } from '../run/process';
import { WantedSecret } from './wanted';

/** The standard input of a child of Node.js is a socket, which a program cannot open as `/dev/stdin`. */
const THROUGH_PIPE = ['-c', 'cat | "$0" "$@"'];

/** Stores the data of Secrets of the cluster. */
export interface SecretTarget {
  /** Stores a Secret, and returns where it is. */
  store(secret: WantedSecret, data: Record<string, string>): Promise<string>;
}

/** Returns the manifest of a Secret. */
export function manifestOf({ namespace, name, type }: WantedSecret, data: Record<string, string>): object {
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type, data: Object.fromEntries(encoded) };
}

/** Creates Secrets in the cluster. */
export class ClusterTarget implements SecretTarget {
  constructor(private readonly kubectl: Kubectl) {}

  async store(secret: WantedSecret, data: Record<string, string>): Promise<string> {
    await this.kubectl.apply(manifestOf(secret, data));
    return 'stored in the cluster';
  }
}

/** Writes files that a program encrypted. The clear text is in the program's standard input only. */
export class EncryptedTarget implements SecretTarget {
  /** Writes files of SOPS, for `SecretSource.sops`. The rules of `.sops.yaml` choose the keys. */
  static sops(directory: string, environment: NodeJS.ProcessEnv): EncryptedTarget {
    const types = ['--input-type', 'yaml', '--output-type', 'yaml'];
    return new EncryptedTarget(directory, environment, {
      program: 'sops',
      suffix: 'sops.yaml',
      args: (file) => [
        'encrypt',
        ...types,
        '--encrypted-regex',
        '^(data|stringData)$',
        '--filename-override',
        file,
        '/dev/stdin',
      ],
    });
  }

  /** Writes files of `kubeseal`, for `SecretSource.sealedSecret`, with the certificate of kubectl's context. */
  static sealed(directory: string, environment: NodeJS.ProcessEnv): EncryptedTarget {
    return new EncryptedTarget(directory, environment, {
      program: 'kubeseal',
      suffix: 'sealed.yaml',
      args: () => ['--format', 'yaml'],
    });
  }

  private constructor(
    private readonly directory: string,
    private readonly environment: NodeJS.ProcessEnv,
    private readonly tool: { program: string; suffix: string; args: (file: string) => string[] },
  ) {}

  async store(secret: WantedSecret, data: Record<string, string>): Promise<string> {
    const { program, suffix, args } = this.tool;
    const file = path.join(this.directory, `${secret.namespace}-${secret.name}.${suffix}`);
    const input = stringify(manifestOf(secret, data));
    const { environment } = this;
    const { code, stdout, stderr } = await runCommand('sh', [...THROUGH_PIPE, program, ...args(file)], {
      environment,
      input,
      timeout: 60,
    });
    const isClear = Object.values(data).some((value) => stdout.includes(Buffer.from(value).toString('base64')));
    if (code !== 0 || stdout.trim() === '' || isClear) {
      const reason = isClear ? 'its output contains the clear text' : lastLines(stderr, Object.values(data));
      throw ForgeError.of({
        code: 'FORGE-CLI-013',
        message: `${program} cannot encrypt the Secret ${secret.place}: ${reason}`,
        fix: `install ${program}, and check its configuration${program === 'sops' ? ': .sops.yaml needs a rule for the file' : ''}`,
      });
    }
    fs.mkdirSync(this.directory, { recursive: true });
    fs.writeFileSync(file, stdout);
    return `written to ${file}`;
  }
}

/** Returns the PushSecret with which the External Secrets Operator copies a Secret of the cluster to a store. It has no value. */
export function pushSecretOf({ namespace, name, keys }: WantedSecret, store: string): object {
  const [, kind, storeName] = /^(?:(SecretStore|ClusterSecretStore)\/)?([a-z0-9.-]+)$/.exec(store) ?? [];
  if (storeName === undefined) {
    throw ForgeError.of({
      code: 'FORGE-CLI-003',
      message: `--store ${store} is not a store of the External Secrets Operator`,
      allowed: 'SecretStore/<name>, ClusterSecretStore/<name>',
      fix: 'set --store, for example --store ClusterSecretStore/vault',
    });
  }
  return {
    apiVersion: 'external-secrets.io/v1alpha1',
    kind: 'PushSecret',
    metadata: { name, namespace },
    spec: {
      secretStoreRefs: [{ kind: kind ?? 'ClusterSecretStore', name: storeName }],
      selector: { secret: { name } },
      data: [...keys].sort().map((key) => ({
        match: { secretKey: key, remoteRef: { remoteKey: `${namespace}/${name}`, property: key } },
      })),
    },
  };
}
