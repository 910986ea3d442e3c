import type { EnvFromSource, EnvVar } from 'kubernetes-types/core/v1';
import { DNS_SUBDOMAIN, quoted } from '../../support';
import { refused } from './refused';
import { IPodSecret, PodSite } from './pod-secret';

const KEY = /^[-._a-zA-Z0-9]{1,253}$/;
const FIELD =
  /^(metadata\.(name|namespace|uid)|metadata\.(labels|annotations)\['[^']+'\]|spec\.(nodeName|serviceAccountName)|status\.(hostIPs?|podIPs?))$/;

/**
 * The value of an environment variable of a container.
 *
 * @example
 *
 * PodVariable.secret(SecretSource.existing('proxy'), 'url');
 */
export class PodVariable {
  /** Returns a text. The text is readable in Git: use `secret` for what must stay secret. */
  static text(value: string): PodVariable {
    return new PodVariable(() => ({ value }));
  }

  /**
   * Returns the value of a Secret.
   *
   * @param source the Secret
   * @param key the name of the value in the Secret
   * @throws FORGE-KUBE-023 for a key that Kubernetes rejects
   */
  static secret(source: IPodSecret, key: string): PodVariable {
    checkedKey(key);
    return new PodVariable(({ construct, name }) => {
      const purpose = `environment of ${name}`;
      const secret = source.provideTo(construct, { purpose, type: 'Opaque', keys: [key] });
      return { valueFrom: { secretKeyRef: { name: secret, key: source.keyOf(key) } } };
    });
  }

  /**
   * Returns the value of a ConfigMap.
   *
   * @param configMap the name of the ConfigMap, in the namespace of the workload
   * @param key the key in the ConfigMap
   * @throws FORGE-KUBE-023 for a name or key that Kubernetes rejects
   */
  static configMap(configMap: string, key: string): PodVariable {
    checkedName('ConfigMap', configMap);
    checkedKey(key);
    return new PodVariable(() => ({ valueFrom: { configMapKeyRef: { name: configMap, key } } }));
  }

  /**
   * Returns a field of the pod, for example `status.hostIP` or `spec.nodeName`.
   *
   * @throws FORGE-KUBE-023 for a field that a variable cannot have
   */
  static field(fieldPath: string): PodVariable {
    if (!FIELD.test(fieldPath)) {
      throw refused(
        `${quoted(fieldPath)} is not a field that an environment variable can have`,
        "use metadata.name, metadata.namespace, metadata.uid, metadata.labels['<key>'], metadata.annotations['<key>'], spec.nodeName, spec.serviceAccountName, status.hostIP(s) or status.podIP(s)",
      );
    }
    return new PodVariable(() => ({ valueFrom: { fieldRef: { fieldPath } } }));
  }

  private constructor(private readonly render: (site: PodSite) => Omit<EnvVar, 'name'>) {}

  /** @internal */
  _render(name: string, site: PodSite): EnvVar {
    return { name, ...this.render(site) };
  }
}

/**
 * A set of environment variables of a container, one for each key of a Secret or ConfigMap.
 *
 * @example
 *
 * PodVariables.configMap('proxy-settings');
 */
export class PodVariables {
  /**
   * Returns a variable for each key of a Secret.
   *
   * @param source the Secret
   * @param prefix text in front of each key
   */
  static secret(source: IPodSecret, prefix?: string): PodVariables {
    return new PodVariables(({ construct, name }) => {
      const purpose = `environment of ${name}`;
      const secret = source.provideTo(construct, { purpose, type: 'Opaque', keys: [] });
      return { secretRef: { name: secret }, ...(prefix ? { prefix } : {}) };
    });
  }

  /**
   * Returns a variable for each key of a ConfigMap.
   *
   * @param configMap the name of the ConfigMap, in the namespace of the workload
   * @param prefix text in front of each key
   * @throws FORGE-KUBE-023 for a name that Kubernetes rejects
   */
  static configMap(configMap: string, prefix?: string): PodVariables {
    checkedName('ConfigMap', configMap);
    return new PodVariables(() => ({ configMapRef: { name: configMap }, ...(prefix ? { prefix } : {}) }));
  }

  private constructor(private readonly render: (site: PodSite) => EnvFromSource) {}

  /** @internal */
  _render(site: PodSite): EnvFromSource {
    return this.render(site);
  }
}

function checkedKey(key: string): void {
  if (!KEY.test(key) || key === '.' || key === '..') {
    throw refused(`${quoted(key)} is not a key of a Secret or ConfigMap`, 'use letters, digits, "-", "_" and "."');
  }
}

/**
 * Rejects a name that no object can have.
 *
 * @jsii ignore
 */
export function checkedName(kind: string, name: string): void {
  if (!DNS_SUBDOMAIN.test(name)) {
    throw refused(`${quoted(name)} is not the name of a ${kind}`, 'use a-z, 0-9, "-" and "."');
  }
}
