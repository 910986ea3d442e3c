import { ApiObject, App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { constructed, DNS_SUBDOMAIN, ForgeError, handedOver, quoted } from '../../support';
import { IFluxObject } from '../base/flux-object';

/** The name and namespace of an object that exists in the cluster. */
export interface ExistingObject {
  /** The name. */
  readonly name: string;

  /**
   * The namespace.
   *
   * @default - that of the object which refers to it
   */
  readonly namespace?: string;
}

/** The kinds of sources that Kustomizations apply. */
export enum SourceKind {
  /** A Git repository. */
  GIT_REPOSITORY = 'GitRepository',
  /** An OCI artifact. */
  OCI_REPOSITORY = 'OCIRepository',
  /** A bucket of an object store. */
  BUCKET = 'Bucket',
}

/**
 * A Flux source that exists in the cluster, for example the one that `flux bootstrap` creates. Nothing is emitted for it.
 *
 * @example
 *
 * ExistingSource.gitRepository('flux-system');
 */
export class ExistingSource {
  /**
   * Returns a GitRepository.
   *
   * @param name the name of the object
   * @param namespace the namespace of the object; that of the objects which refer to the source if left out
   * @throws FORGE-FLUX-004 for a name that no object can have
   */
  static gitRepository(name: string = 'flux-system', namespace?: string): ExistingSource {
    return new ExistingSource(SourceKind.GIT_REPOSITORY, name, namespace);
  }

  /**
   * Returns an OCIRepository.
   *
   * @param name the name of the object
   * @param namespace the namespace of the object; that of the objects which refer to the source if left out
   * @throws FORGE-FLUX-004 for a name that no object can have
   */
  static ociRepository(name: string = 'flux-system', namespace?: string): ExistingSource {
    return new ExistingSource(SourceKind.OCI_REPOSITORY, name, namespace);
  }

  /**
   * Returns a Bucket.
   *
   * @param name the name of the object
   * @param namespace the namespace of the object; that of the objects which refer to the source if left out
   * @throws FORGE-FLUX-004 for a name that no object can have
   */
  static bucket(name: string = 'flux-system', namespace?: string): ExistingSource {
    return new ExistingSource(SourceKind.BUCKET, name, namespace);
  }

  private constructor(
    /** The kind of the source. */
    readonly kind: SourceKind,
    /** The name of the object. */
    readonly name: string,
    /** The namespace of the object; undefined for that of the objects which refer to it. */
    readonly namespace?: string,
  ) {
    [name, namespace].forEach((text) => text === undefined || checkedObjectName(text));
  }
}

/**
 * Rejects a name that no object can have.
 *
 * @throws FORGE-FLUX-004
 * @jsii ignore
 */
export function checkedObjectName(name: string): string {
  if (DNS_SUBDOMAIN.test(name)) {
    return name;
  }
  throw ForgeError.of({
    code: 'FORGE-FLUX-004',
    message: `${quoted(name)} cannot name a Flux object`,
    allowed: 'a-z, 0-9, "-" and ".", first and last a letter or digit',
    fix: 'use the name that `flux get all --all-namespaces` shows',
  });
}

/**
 * Returns an object that exists, for references to it. It is in no chart of the app, so nothing emits it.
 *
 * @jsii ignore
 */
export function existingObject(kind: string, { name, namespace }: ExistingObject): ApiObject {
  const chart = new Chart(new App(), 'existing', { namespace });
  return new ApiObject(chart, 'Resource', {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind,
    metadata: { name },
  });
}

/** A reference to a source that exists. */
export interface SourceReferenceProps {
  /** The source. */
  readonly source: ExistingSource;
}

/**
 * A reference to a source that exists, for a Kustomization or HelmRelease. Nothing is emitted.
 *
 * @example
 *
 * const flux = new SourceReference(chart, 'source', { source: ExistingSource.gitRepository('flux-system', 'flux-system') });
 * new Kustomization(chart, 'apps', { source: flux, path: './apps' });
 */
export class SourceReference extends Construct implements IFluxObject {
  /** The object that exists. */
  readonly apiObject: ApiObject;

  constructor(scope: Construct, id: string, props: SourceReferenceProps) {
    const made = constructed(SourceReference, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    const { kind, name, namespace } = props.source;
    this.apiObject = existingObject(kind, { name, namespace: namespace ?? Chart.of(this).namespace });
  }
}
