import { IConstruct } from 'constructs';
import type * as l1 from '../../../imports/kustomize.toolkit.fluxcd.io';
import { SecretSource } from '../../secret';
import { assertFlux } from '../base/flux-object';
import { checkedObjectName } from '../source/existing-source';

/**
 * A kubeconfig with which Flux applies objects to another cluster.
 *
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#kubeconfig-reference
 *
 * @example
 *
 * KubeConfig.secret(SecretSource.existing('staging-kubeconfig'));
 */
export class KubeConfig {
  /**
   * Returns the kubeconfig in a Secret, under the key `value`, or the key that the Secret has for it:
   * `SecretSource.existing('staging', { keys: { value: 'kubeconfig' } })`. The kubeconfig must contain its credentials:
   * Flux runs no programs that fetch them.
   *
   * @param source the Secret, in the namespace of the Flux objects
   */
  static secret(source: SecretSource): KubeConfig {
    return new KubeConfig((kustomization) => {
      const name = source.provide(kustomization, {
        purpose: `Flux applies ${kustomization.node.id} to another cluster`,
        type: 'Opaque',
        keys: ['value'],
        readsAnyKey: true,
      });
      const key = source.keyOf('value');
      return { secretRef: { name, ...(key === 'value' ? {} : { key }) } };
    });
  }

  /**
   * Returns the address of a cluster in a ConfigMap, to which Flux connects with an identity of the cloud. Flux 2.7 or newer.
   *
   * @param name the name of the ConfigMap, in the namespace of the Flux objects
   * @throws FORGE-FLUX-004 for a name that no object can have
   */
  static configMap(name: string): KubeConfig {
    checkedObjectName(name);
    return new KubeConfig((kustomization) => {
      assertFlux(kustomization, '2.7', '`KubeConfig.configMap`');
      return { configMapRef: { name } };
    });
  }

  private constructor(private readonly render: (kustomization: IConstruct) => l1.KustomizationSpecKubeConfig) {}

  /** @internal */
  _render(kustomization: IConstruct): l1.KustomizationSpecKubeConfig {
    return this.render(kustomization);
  }
}
