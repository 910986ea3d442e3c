import { ApiObject, Chart } from 'cdk8s';
import { assertNoVariable, Cluster, ContentName, readyForSubstitution, withFinalHealthChecks } from '../flux';
import { apiGroupOf, isClusterScoped } from '../kube';
import { Manifest, Manifests } from '../model';
import { canonicalDocument, ImageLock, ManagedScalar, ManagedValue, MigrationFile, setterOf } from '../output';
import { ForgeError, ownOf, Problems, quoted } from '../support';
import { Images, unknownImage } from './images';
import { PullAccess } from './pull-access';

/**
 * The parts of a plan that decide how an object becomes a document.
 *
 * @jsii ignore
 */
export interface DocumentParts {
  readonly manifests: Manifests;
  readonly images: Images;
  readonly pullAccess: PullAccess;
  readonly lock: ImageLock;
  readonly migration: MigrationFile;
}

/**
 * The place of a document in the output.
 *
 * @jsii ignore
 */
export interface DocumentPlace {
  /** The cluster that the object belongs to, within which its identity must be unique. */
  readonly cluster?: Cluster;
  /** The chart whose file has the document: for a shared object, perhaps another than the one that created it. */
  readonly chart: Chart;
  /** The directory of the document's file, relative to the root of the repository. */
  readonly directory?: string;
}

/**
 * A renderer that turns objects into documents. The renderer inserts managed values and their markers, adds the Secrets
 * that a ServiceAccount pulls with, and detects two objects with the same identity.
 *
 * @jsii ignore
 */
export class Documents {
  private readonly seen = new Map<string, ApiObject>();

  constructor(
    private readonly parts: DocumentParts,
    private readonly problems: Problems,
  ) {}

  /**
   * Returns one object as a canonical document.
   *
   * @param object the object
   * @param place its place in the output
   */
  document(object: ApiObject, place: DocumentPlace): string {
    let text = '';
    const path = object.node.path;
    for (const problem of ForgeError.problemsIn(() => {
      text = this.render(object, place);
    }, path)) {
      this.problems.add(problem);
    }
    return text;
  }

  private render(object: ApiObject, { cluster, directory, chart }: DocumentPlace): string {
    const manifest = withFinalHealthChecks(object, labelled(object, this.named(object, cluster), chart), (checked) =>
      this.named(checked, Cluster.tryOf(checked)),
    );
    this.identify(object, manifest, cluster?.node.path ?? '');
    const substitution = cluster && !cluster._isEntry(object.chart) ? cluster.substitution : undefined;
    const ready = substitution ? readyForSubstitution(manifest, substitution) : manifest;
    const kept = this.parts.migration.applied(ready, directory);
    return canonicalDocument(kept, { sortKeys: true, resolve: (text) => this.resolve(text, cluster) });
  }

  /** Returns the manifest with the identity that the object has in the output: a Job may be named after its content. */
  private named(object: ApiObject, cluster: Cluster | undefined): Manifest {
    const rendered = placed(this.withPullSecrets(object, this.parts.manifests.of(object)));
    return ContentName._apply(object, rendered, (image) => this.policyName(image, cluster));
  }

  private withPullSecrets(object: ApiObject, manifest: Manifest): Manifest {
    const added = this.parts.pullAccess.addedTo(object);
    if (added.length === 0) {
      return manifest;
    }
    const present = (manifest.imagePullSecrets as { name?: unknown }[] | undefined) ?? [];
    const missing = added.filter((name) => !present.some((secret) => secret.name === name));
    return { ...manifest, imagePullSecrets: [...present, ...missing.map((name) => ({ name }))] };
  }

  private policyName(image: string, cluster: Cluster | undefined): string {
    return this.parts.images.managedIn(image, cluster)?.policy ?? image;
  }

  private identify(object: ApiObject, manifest: Manifest, realm: string): void {
    const { name, namespace } = manifest.metadata ?? {};
    if (typeof name !== 'string' || typeof manifest.kind !== 'string' || typeof manifest.apiVersion !== 'string') {
      throw ForgeError.at(object, {
        code: 'FORGE-APP-005',
        message: `the object has no ${['apiVersion', 'kind'].find((k) => typeof manifest[k as keyof Manifest] !== 'string') ?? 'metadata.name'}`,
        fix: 'Flux applies objects by name: give it one, and do not use generateName',
        symptom: 'missing metadata.name',
      });
    }
    const key = [realm, groupOf(manifest), manifest.kind, namespace ?? '', name].join('|');
    const first = this.seen.get(key);
    if (first) {
      this.problems.add({
        code: 'FORGE-APP-004',
        message: `${manifest.kind} ${quoted(namespace ? `${namespace}/${name}` : name)} is made twice: here and at ${quoted(first.node.path)}`,
        fix: 'give one of them another name, or make it once and pass it on',
        symptom: 'may not add resource with an already registered id',
        path: object.node.path,
      });
    }
    this.seen.set(key, object);
  }

  private resolve(text: string, cluster: Cluster | undefined): ManagedScalar | undefined {
    if (!text.includes('<')) {
      return undefined;
    }
    assertNoVariable(text);
    if (!text.includes(ManagedValue.OPENING)) {
      return undefined;
    }
    const value = ManagedValue.parse(text);
    if (!value) {
      return refuseEmbedded(text);
    }
    const image = this.parts.images.managedIn(value.image, cluster);
    const locked = image && this.parts.lock.get(image.policy);
    if (!image || !locked) {
      throw unknownImage(value.image);
    }
    if (value.part === 'digest' && !image.reflectsDigest) {
      throw ForgeError.of({
        code: 'FORGE-FLUX-011',
        message: `the digest of policy ${quoted(image.policy)} is used, and the policy does not reflect digests`,
        fix: 'give the policy digest: DigestReflection.IF_NOT_PRESENT, or use the tag',
        symptom: 'Flux writes "" into the field',
      });
    }
    return { value: managedText(value, image.name, locked), setter: setterOf(image.policy, value.part) };
  }
}

/** Returns an object without the namespace of its chart, which cdk8s adds, if objects of its kind have none. */
function placed(manifest: Manifest): Manifest {
  const { namespace, ...metadata } = manifest.metadata ?? {};
  const isPlaced = namespace === undefined || !isClusterScoped(groupOf(manifest), String(manifest.kind));
  return isPlaced ? manifest : { ...manifest, metadata };
}

/** Returns a shared object with the labels of the chart that it is written with, whichever chart asked first. */
function labelled(object: ApiObject, manifest: Manifest, chart: Chart): Manifest {
  if (object.chart === chart) {
    return manifest;
  }
  const { labels: present, ...metadata } = manifest.metadata ?? {};
  const first = object.chart.labels;
  const own = Object.entries(present ?? {}).filter(([key, value]) => ownOf(first, key) !== value);
  const labels = { ...chart.labels, ...Object.fromEntries(own) };
  return { ...manifest, metadata: { ...metadata, ...(Object.keys(labels).length > 0 ? { labels } : {}) } };
}

function groupOf({ apiVersion }: Manifest): string {
  return apiGroupOf(String(apiVersion));
}

function managedText(managed: ManagedValue, name: string, locked: { tag: string; digest?: string }): string {
  switch (managed.part) {
    case 'tag':
      return locked.tag;
    case 'digest':
      return locked.digest ?? '';
    case 'name':
      return name;
    case 'reference':
      return `${name}:${locked.tag}${locked.digest ? `@${locked.digest}` : ''}`;
  }
}

function refuseEmbedded(text: string): undefined {
  const managed = ManagedValue.within(text);
  if (managed.length === 0) {
    return undefined;
  }
  throw ForgeError.of({
    code: 'FORGE-APP-008',
    message: `the image ${quoted(managed[0].image)} stands inside a longer text, where Flux cannot update it`,
    allowed: 'a field that holds the reference, tag, name or digest and nothing else',
    fix: 'give it a field of its own (a ConfigMap key, an environment variable) and put the text together where it is used',
  });
}
