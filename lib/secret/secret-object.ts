import { ApiObject } from 'cdk8s';
import { IConstruct } from 'constructs';
import { clusterOf } from '../kube';
import { ForgeError, quoted } from '../support';
import { wrongNamespace } from './secret-errors';

/** A Secret that a construct stands for. */
export interface FoundSecret {
  /** Name of the Secret. */
  readonly name: string;
  /** Creation of the Secret by this cdk8s app. */
  readonly isCreated: boolean;
  /** The object, if this cdk8s app creates the Secret. */
  readonly object?: ApiObject;
}

/** Returns the Secret of a construct: an object of kind Secret at or below it, or the name of an imported Secret. */
export function secretIn(construct: IConstruct): FoundSecret {
  const all = typeof construct?.node?.findAll === 'function' ? construct.node.findAll() : [];
  const objects = all.filter((c): c is ApiObject => ApiObject.isApiObject(c));
  const secrets = objects.filter(({ kind }) => kind === 'Secret');
  if (secrets.length === 1) {
    return { name: secrets[0].name, isCreated: true, object: secrets[0] };
  }
  const { name, kind } = (construct ?? {}) as { name?: unknown; kind?: unknown };
  if (objects.length === 0 && typeof name === 'string' && (kind === undefined || kind === 'Secret')) {
    return { name, isCreated: false };
  }
  throw ForgeError.of({
    code: 'FORGE-SEC-009',
    message: `${all.length > 0 ? quoted(construct.node.path) : 'the given value'} has ${secrets.length} Secrets`,
    allowed: 'a construct with one object of kind Secret, or an imported Secret of cdk8s-plus',
    fix: "pass the Secret itself; for a Secret that exists in the cluster, use SecretSource.existing('…')",
  });
}

/** Checks that a Secret of this cdk8s app is in the namespace and the cluster where a construct needs it. */
export function assertReaches(secret: ApiObject, construct: IConstruct, namespace: string): void {
  const own = secret.metadata.namespace ?? 'default';
  if (clusterOf(secret) !== clusterOf(construct)) {
    throw wrongNamespace(
      construct,
      `Secret ${quoted(secret.name)} is created in another cluster: ${quoted(secret.node.path)}`,
    );
  }
  if (own !== namespace) {
    throw wrongNamespace(
      construct,
      `Secret ${quoted(secret.name)} is created in namespace ${quoted(own)}, and ${quoted(namespace)} needs it`,
    );
  }
}
