import { Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { DNS_SUBDOMAIN, ForgeError, namespaceOf, quoted } from '../support';

/** Construct metadata key under which needed secrets are noted; the runbook reads it back. */
const REQUIREMENT = 'cdk8s-forge:secret';

/**
 * What a construct needs of a Secret.
 */
export interface SecretNeed {
  /** What the secret is for, in half a sentence: the runbook says it. */
  readonly purpose: string;

  /** The Kubernetes Secret type, e.g. `Opaque` or `kubernetes.io/dockerconfigjson`. */
  readonly type: string;

  /** The data keys that must be there. */
  readonly keys: string[];

  /**
   * The token scope that the value needs at the forge, e.g. `write:package`.
   *
   * @default - none
   */
  readonly tokenScope?: string;

  /**
   * The namespace that the Secret is needed in.
   *
   * @default - the namespace of the construct's chart
   */
  readonly namespace?: string;
}

/**
 * One entry of the platform's secret inventory.
 */
export interface SecretRequirement extends SecretNeed {
  /** Name of the Secret. */
  readonly secretName: string;
}

/**
 * Where a secret value lives; never the value itself.
 *
 * @example
 *
 * SecretSource.existing('registry-credentials');
 */
export class SecretSource {
  /**
   * A Secret that somebody else puts into the namespace: by hand, by Flux from another repository, by an operator.
   *
   * The runbook lists it, with its type, keys and namespaces.
   *
   * @throws FORGE-SEC-001 if the name is not one that Kubernetes allows
   */
  static existing(secretName: string): SecretSource {
    if (!DNS_SUBDOMAIN.test(secretName)) {
      throw ForgeError.of({
        code: 'FORGE-SEC-001',
        message: `${quoted(secretName)} is not the name of a Secret`,
        allowed: 'a-z, 0-9, "-" and ".", first and last a letter or digit, at most 253 characters',
        fix: 'give the name of the Secret, never its value',
      });
    }
    return new SecretSource(secretName);
  }

  /** What all requirements noted at a construct say, in the order in which they were noted. */
  static requirementsAt(construct: IConstruct): SecretRequirement[] {
    return construct.node.metadata.filter((entry) => entry.type === REQUIREMENT).map((entry) => entry.data as SecretRequirement);
  }

  private constructor(
    /** Name of the Kubernetes Secret. */
    readonly secretName: string,
  ) {}

  /**
   * Notes that a construct needs this secret, and returns the name of the Secret to refer to.
   *
   * @param construct the construct that will refer to the Secret
   * @param need what must be in it
   */
  provide(construct: IConstruct, need: SecretNeed): string {
    const namespace = need.namespace ?? (Chart.isChart(construct) ? construct.namespace : undefined) ?? namespaceOf(construct);
    const requirement: SecretRequirement = { ...need, keys: [...need.keys], namespace, secretName: this.secretName };
    construct.node.addMetadata(REQUIREMENT, requirement);
    return this.secretName;
  }
}
