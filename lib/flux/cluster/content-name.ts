import { ApiObject } from 'cdk8s';
import { IConstruct } from 'constructs';
import { canonicalDocument, ManagedValue } from '../../output';
import { fingerprint, ForgeError, quoted } from '../../support';

const MARK = 'cdk8s-forge:content-name';
const FORCE = 'kustomize.toolkit.fluxcd.io/force';
const LONGEST = 63;

/**
 * A naming rule that names a Job after its content: `<name>-<hash of its spec>`.
 *
 * Kubernetes does not allow changes to a Job, so a changed Job needs a new name. Flux then creates the new Job and
 * prunes the old Job. The hash covers the policy of a managed image value, but not its version. If Flux moves a tag,
 * the Job name therefore stays the same. A Job with a managed image value gets the annotation
 * `kustomize.toolkit.fluxcd.io/force: enabled`. Flux then replaces the Job, and the Job runs for each version.
 *
 * If a Job has a time to live, Flux recreates the Job after the Job is deleted. Set a time to live only for a Job that
 * may run again.
 *
 * @see https://fluxcd.io/flux/use-cases/running-jobs/
 *
 * @example
 *
 * const spec = { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'migrate', image: policy.image.reference }] } } };
 * ContentName.mark(new ApiObject(chart, 'migrate', { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'migrate' }, spec }));
 */
export class ContentName {
  /**
   * Marks a Job so that synthesis sets its content-based name.
   *
   * @param job a Job: of cdk8s-plus, or an ApiObject
   * @throws FORGE-FLUX-029 for anything else
   */
  static mark(job: IConstruct): void {
    const object = ApiObject.of(job);
    if (object.kind !== 'Job') {
      throw ForgeError.at(job, {
        code: 'FORGE-FLUX-029',
        message: `a ${object.kind} is not named after its content: what refers to it by name would not find it`,
        allowed: 'a Job',
        fix: 'Flux can change other objects in place; to roll pods, put a hash into an annotation',
      });
    }
    object.node.addMetadata(MARK, true);
  }

  /**
   * Returns the manifest with its final name, or the unchanged manifest if the object is not marked.
   *
   * @internal
   */
  static _apply(
    object: ApiObject,
    manifest: Record<string, unknown>,
    policyOf: (image: string) => string,
  ): Record<string, unknown> {
    if (!object.node.metadata.some((entry) => entry.type === MARK)) {
      return manifest;
    }
    const metadata = manifest.metadata as Record<string, unknown>;
    // In sorted form: the order in which somebody wrote the keys down is not what the Job does.
    const written = canonicalDocument({ spec: manifest.spec }, { sortKeys: true });
    const content = ManagedValue.renamed(written, policyOf);
    const name = `${String(metadata.name)}-${fingerprint(content).slice(0, 8)}`;
    if (name.length <= LONGEST) {
      const isManaged = ManagedValue.within(written).length > 0;
      const annotations = isManaged
        ? { annotations: { ...(metadata.annotations as object | undefined), [FORCE]: 'enabled' } }
        : {};
      return { ...manifest, metadata: { ...metadata, ...annotations, name } };
    }
    throw ForgeError.at(object, {
      code: 'FORGE-FLUX-029',
      message: `the name ${quoted(name)} has ${name.length} characters`,
      allowed: `at most ${LONGEST}: the pods of a Job carry it in a label`,
      fix: `name the Job in at most ${LONGEST - 9} characters`,
      symptom: 'metadata.labels: Invalid value: must be no more than 63 characters',
    });
  }

  private constructor() {}
}
