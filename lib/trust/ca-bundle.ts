import * as fs from 'node:fs';
import * as path from 'node:path';
import { ApiObject, Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import type { Volume } from 'kubernetes-types/core/v1';
import { oncePerNamespace } from '../kube';
import { SecretSource } from '../secret';
import {
  command,
  Command,
  DNS_SUBDOMAIN,
  ForgeError,
  isOutside,
  namespaceOf,
  PrivateAuthority,
  quoted,
  scriptText,
} from '../support';
import { inRepository } from './authority';
import { certificatesIn } from './certificates';
import { dayOf } from './day';

/** The kinds of places where a `CaBundle` is stored. */
export enum CaBundleKind {
  /** An existing ConfigMap. */
  CONFIG_MAP = 'config-map',
  /** An existing Secret. */
  SECRET = 'secret',
  /** A file of this repository. */
  FILE = 'file',
}

/** A set of options that defines how a certificate file is read. */
export interface CaBundleFileProps {
  /**
   * Day on which every certificate must be valid, in UTC, as `YYYY-MM-DD`: for example `2027-01-31`. Synth does not read the clock, so you must
   * set the date.
   *
   * @default - validity is not checked
   */
  readonly validOn?: string;

  /**
   * Name of the ConfigMap that provides the certificates in each namespace that needs them.
   *
   * @default - the file's name without its ending, and `-bundle`: `certs/ca.crt` becomes `ca-bundle`
   */
  readonly name?: string;
}

/**
 * A CA bundle that is mounted in a pod as a volume.
 *
 * @jsii ignore
 */
export interface CaVolume {
  /** Volume to add to the pod. */
  readonly volume: Volume;

  /** Name of the certificate file, relative to the mount path of the volume. */
  readonly file: string;
}

/**
 * Name of the certificate file in every volume, and key of the certificates in every object that the library creates.
 */
const FILE = 'ca.crt';

/**
 * A bundle that contains the certificates of a private CA. You declare the bundle once, and the library provides it to
 * every client that needs it.
 *
 * @example
 *
 * CaBundle.fromConfigMap('home-ca');
 */
export class CaBundle {
  /**
   * Refers to a ConfigMap that exists in every namespace where a pod needs it. For example, trust-manager can create
   * the ConfigMap.
   *
   * Flux's image scan reads a Secret instead. For a registry that Flux scans, use `fromSecret` or `fromFile`.
   *
   * @param name name of the ConfigMap
   * @param key its key; `ca.crt` if left out
   * @throws FORGE-TRUST-004 if either cannot be one
   */
  static fromConfigMap(name: string, key?: string): CaBundle {
    return new CaBundle(CaBundleKind.CONFIG_MAP, checkedName(name), { key: checkedKey(key ?? FILE) });
  }

  /**
   * Refers to a Secret that exists in every namespace where a pod needs it. For example, cert-manager can create the
   * Secret.
   *
   * @param name name of the Secret
   * @param key its key; `ca.crt` if left out
   * @throws FORGE-TRUST-004 if either cannot be one
   */
  static fromSecret(name: string, key?: string): CaBundle {
    return new CaBundle(CaBundleKind.SECRET, checkedName(name), { key: checkedKey(key ?? FILE) });
  }

  /**
   * Reads a PEM file immediately. The certificates become a ConfigMap in each namespace that needs them. A private key
   * in the file is an error.
   *
   * @param file path of the file, relative to the current directory
   * @throws FORGE-TRUST-001 … 003 if it does not hold certificates, or not ones that are valid then; FORGE-TRUST-005 if it cannot be read;
   * FORGE-TRUST-008 if the root is missing
   */
  static fromFile(file: string, props: CaBundleFileProps = {}): CaBundle {
    let text: string;
    try {
      text = fs.readFileSync(file, 'utf8');
    } catch (e) {
      throw ForgeError.of({
        code: 'FORGE-TRUST-005',
        message: `the CA bundle ${quoted(file)} cannot be read: ${(e as NodeJS.ErrnoException).code ?? 'unknown error'}`,
        fix: 'give the path of a PEM file, relative to the folder that the synth runs in',
      });
    }
    const pem = certificatesIn(text, props.validOn === undefined ? undefined : dayOf(props.validOn));
    const stem = path
      .basename(file)
      .replace(/\.[^.]*$/, '')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '');
    return new CaBundle(CaBundleKind.FILE, checkedName(props.name ?? `${stem}-bundle`), {
      key: FILE,
      pem,
      file: inRepository(file),
    });
  }

  /**
   * A bash script that makes the programs of a job trust a CA bundle, in any image. As root on Debian, Alpine, SUSE,
   * Fedora, Red Hat or Arch, the script adds the bundle to the system's CAs. Otherwise, the script sets environment
   * variables. The script reads `CA_FILE`, and passes its variables on through `GITHUB_ENV`.
   */
  static get installScript(): string {
    return scriptText(__dirname, 'install-ca.sh');
  }

  /** Kind of place where the bundle is stored. */
  readonly kind: CaBundleKind;

  /** Name of the ConfigMap or Secret. */
  readonly name: string;

  /** Key in the ConfigMap or Secret. */
  readonly key: string;

  /** Certificates of a file, in PEM format; undefined for other kinds. */
  readonly pem?: string;

  /** File of the repository with the certificates, relative to the directory of the synth. */
  private readonly file?: string;

  private constructor(kind: CaBundleKind, name: string, where: { key: string; pem?: string; file?: string }) {
    this.kind = kind;
    this.name = name;
    this.key = where.key;
    this.pem = where.pem;
    this.file = where.file;
  }

  /**
   * Identity of the bundle, equal for identical bundles.
   *
   * @internal
   */
  get _identity(): string {
    return [this.kind, this.name, this.key, this.pem ?? ''].join('/');
  }

  /**
   * Name of the bundle's volume in a pod, and of the directory where the volume is mounted.
   *
   * @internal
   */
  get _volumeName(): string {
    return `ca-${this.name.replace(/\./g, '-')}`.slice(0, 63).replace(/-+$/, '');
  }

  /**
   * Returns the path of the certificates if the volume is mounted below `folder`.
   *
   * @internal
   */
  _path(folder: string): string {
    return `${folder}/${this._volumeName}/${FILE}`;
  }

  /**
   * Returns a command that prints the certificates from a namespace that contains them.
   *
   * @internal
   */
  _printed(namespace: string): Command {
    const [kind, decoded] = this.kind === CaBundleKind.SECRET ? ['secret', ' | base64decode'] : ['configmap', ''];
    const template = `go-template={{index .data "${this.key}"${decoded}}}`;
    return command`kubectl --namespace ${namespace} get ${kind} ${this.name} --output ${template}`;
  }

  /**
   * Returns the bundle for operators, whose own machine may not trust the CA.
   *
   * @param namespace a namespace that contains the certificates, if one is known
   *
   * @internal
   */
  _authority(namespace?: string): PrivateAuthority {
    const inCluster = namespace === undefined ? undefined : this._printed(namespace);
    return { name: this.name, print: this.file === undefined ? inCluster : command`cat ${this.file}` };
  }

  /**
   * Returns the bundle as a volume for a pod in the construct's namespace. The required objects are emitted into that
   * namespace once.
   *
   * @internal
   */
  _volume(construct: IConstruct): CaVolume {
    const items = [{ key: this.key, path: FILE }];
    if (this.kind === CaBundleKind.SECRET && !isOutside(construct)) {
      const secretName = this.note(construct, 'pods trust a private CA');
      return { volume: { name: this._volumeName, secret: { secretName, items } }, file: FILE };
    }
    if (isOutside(construct)) {
      this.assertFile(construct);
    } else if (this.kind === CaBundleKind.FILE) {
      this.emit(construct, 'ConfigMap');
    }
    return { volume: { name: this._volumeName, configMap: { name: this.name, items } }, file: FILE };
  }

  /**
   * Returns the name of a Secret in the construct's namespace that contains the bundle under `ca.crt`. Flux's
   * `certSecretRef` requires this key.
   *
   * @throws FORGE-TRUST-006 if the bundle is in a ConfigMap or under another key
   * @internal
   */
  _certSecret(construct: IConstruct): string {
    if (this.kind === CaBundleKind.FILE) {
      return this.emit(construct, 'Secret');
    }
    if (this.kind === CaBundleKind.SECRET && this.key === FILE) {
      return this.note(construct, 'Flux trusts a private CA');
    }
    throw ForgeError.at(construct, {
      code: 'FORGE-TRUST-006',
      message: `Flux cannot read the CA bundle ${quoted(this.name)}: it is ${this.kind === CaBundleKind.SECRET ? `under the key ${quoted(this.key)}` : 'in a ConfigMap'}`,
      allowed: `a Secret with the certificates under \`${FILE}\``,
      fix: "use CaBundle.fromFile('…'), which makes one, or CaBundle.fromSecret('…')",
      symptom: 'ImageRepository: tls: failed to verify certificate: x509: certificate signed by unknown authority',
    });
  }

  /** Rejects a bundle that a machine outside the cluster cannot read. */
  private assertFile(construct: IConstruct): void {
    if (this.kind !== CaBundleKind.FILE) {
      throw ForgeError.at(construct, {
        code: 'FORGE-TRUST-011',
        message: `the CA bundle ${quoted(this.name)} is in the cluster, where a machine outside the cluster cannot read it`,
        allowed: 'a bundle with a file of this repository',
        fix: "use CaBundle.fromFile('…')",
        symptom: 'x509: certificate signed by unknown authority',
      });
    }
  }

  private note(construct: IConstruct, purpose: string): string {
    return SecretSource.existing(this.name).provide(construct, { purpose, type: 'Opaque', keys: [this.key] });
  }

  private emit(construct: IConstruct, kind: 'ConfigMap' | 'Secret'): string {
    const namespace = namespaceOf(construct);
    const first = oncePerNamespace(construct, { namespace, key: `${kind}/${this.name}` }, () => {
      // A certificate is public: as a Secret it is one because Flux looks nowhere else.
      const data =
        kind === 'Secret' ? { type: 'Opaque', stringData: { [FILE]: this.pem } } : { data: { [FILE]: this.pem } };
      new ApiObject(Chart.of(construct), `CaBundle-${kind}-${this.name}`, {
        apiVersion: 'v1',
        kind,
        metadata: { name: this.name },
        ...data,
      });
      return this._identity;
    });
    if (first !== this._identity) {
      throw ForgeError.at(construct, {
        code: 'FORGE-TRUST-007',
        message: `two CA bundles with different certificates are named ${quoted(this.name)} in namespace ${quoted(namespace)}`,
        fix: "name one of them otherwise: CaBundle.fromFile('…', { name: '…' })",
      });
    }
    return this.name;
  }
}

function checkedName(name: string): string {
  if (DNS_SUBDOMAIN.test(name)) {
    return name;
  }
  throw badReference(
    name,
    'the name of a ConfigMap or Secret',
    'a-z, 0-9, "-" and ".", first and last a letter or digit',
  );
}

function checkedKey(key: string): string {
  if (/^[-._a-zA-Z0-9]{1,253}$/.test(key) && !/^\.\.?$/.test(key) && !key.startsWith('..')) {
    return key;
  }
  throw badReference(key, 'a key of a ConfigMap or Secret', 'letters, digits, "-", "_" and ".", at most 253');
}

function badReference(value: string, what: string, allowed: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-TRUST-004',
    message: `${quoted(value)} is not ${what}`,
    allowed,
    fix: 'give the name of the object that holds the certificates, never the certificates themselves',
  });
}
