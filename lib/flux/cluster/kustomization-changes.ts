import { IConstruct } from 'constructs';
import type * as l1 from '../../../imports/kustomize.toolkit.fluxcd.io';
import { badAnnotations, badLabels, withoutVariables } from '../../kube';
import { DNS_LABEL, ForgeError, quoted } from '../../support';
import { ExistingObject, checkedObjectName } from '../source/existing-source';

/** Labels and annotations that Flux adds to all objects. */
export interface CommonMetadata {
  /**
   * The labels.
   *
   * @default - none
   */
  readonly labels?: Record<string, string>;

  /**
   * The annotations.
   *
   * @default - none
   */
  readonly annotations?: Record<string, string>;
}

/** A replacement of an image in the objects that Flux applies. */
export interface KustomizationImage {
  /** The name of the image in the objects, without a tag. */
  readonly name: string;

  /**
   * The name that replaces it, for example that of a mirror.
   *
   * @default - the name stays
   */
  readonly newName?: string;

  /**
   * The tag that replaces the tag.
   *
   * @default - the tag stays
   */
  readonly newTag?: string;

  /**
   * The digest that replaces the tag, `sha256:…`.
   *
   * @default - no digest
   */
  readonly digest?: string;
}

/**
 * Changes that Flux makes to objects before it applies them.
 *
 * @jsii ignore
 */
export interface KustomizationChanges {
  /** The labels and annotations of all objects. */
  readonly commonMetadata?: CommonMetadata;
  /** The replacements of images. */
  readonly images?: KustomizationImage[];
  /** The namespace of all objects. */
  readonly targetNamespace?: string;
  /** The text in front of all names. */
  readonly namePrefix?: string;
  /** The text after all names. */
  readonly nameSuffix?: string;
}

/**
 * Returns changes in the format of a spec.
 *
 * @throws FORGE-FLUX-051 for a change that kustomize or Kubernetes does not accept
 * @jsii ignore
 */
export function changesOf(construct: IConstruct, changes: KustomizationChanges): KustomizationChanges {
  const { commonMetadata, images, targetNamespace, namePrefix, nameSuffix } = changes;
  const refuse = (message: string, fix: string) => {
    throw ForgeError.at(construct, { code: 'FORGE-FLUX-051', message, fix, symptom: 'kustomize build failed' });
  };
  if (targetNamespace !== undefined && !DNS_LABEL.test(targetNamespace)) {
    refuse(`targetNamespace ${quoted(targetNamespace)} is not the name of a namespace`, 'use a-z, 0-9 and "-"');
  }
  for (const [what, text] of Object.entries({ namePrefix, nameSuffix })) {
    if (text !== undefined && !/^[-.a-z0-9]{1,200}$/.test(text)) {
      refuse(`${what} ${quoted(text)} cannot be a part of names`, 'use a-z, 0-9 and "-", at most 200 characters');
    }
  }
  images?.forEach((image) => checkImage(image, refuse));
  checkMetadata(commonMetadata ?? {}, refuse);
  return {
    ...(targetNamespace === undefined ? {} : { targetNamespace }),
    ...(namePrefix === undefined ? {} : { namePrefix }),
    ...(nameSuffix === undefined ? {} : { nameSuffix }),
    ...(commonMetadata ? { commonMetadata: structuredClone(commonMetadata) } : {}),
    ...(images?.length ? { images: images.map((image) => ({ ...image })) } : {}),
  } satisfies Partial<l1.KustomizationSpec>;
}

function checkMetadata({ labels, annotations }: CommonMetadata, refuse: (m: string, fix: string) => void): void {
  const wrong = [...badLabels(withoutVariables(labels)), ...badAnnotations(annotations)];
  if (wrong.length > 0) {
    refuse(
      `commonMetadata has ${wrong.map((one) => quoted(one)).join(', ')}, which no object can have`,
      'use keys and values of labels, and keys of annotations, that Kubernetes accepts',
    );
  }
}

function checkImage(
  { name, newName, newTag, digest }: KustomizationImage,
  refuse: (m: string, fix: string) => void,
): void {
  const names = [name, ...(newName === undefined ? [] : [newName])];
  const bad = names.find((one) => !/^[a-z0-9][a-z0-9._-]*(:[0-9]+\/[a-z0-9]|\/)?[a-z0-9._/-]*$/.test(one));
  if (bad !== undefined) {
    refuse(`image ${quoted(bad)} is not the name of an image`, 'set the name without tag and digest');
  }
  if (newName === undefined && newTag === undefined && digest === undefined) {
    refuse(`the replacement of image ${quoted(name)} changes nothing`, 'set newName, newTag or digest');
  }
  if (digest !== undefined && (newTag !== undefined || !/^sha256:[0-9a-f]{64}$/.test(digest))) {
    refuse(`digest ${quoted(digest)} of image ${quoted(name)} is none, or has a tag beside it`, 'set digest or newTag');
  }
}

/**
 * Returns references to Kustomizations that exist.
 *
 * @throws FORGE-FLUX-004 for a name that no object can have
 * @jsii ignore
 */
export function existingDependencies(others: readonly ExistingObject[] = []): ExistingObject[] {
  return others.map(({ name, namespace }) => ({
    name: checkedObjectName(name),
    ...(namespace === undefined ? {} : { namespace: checkedObjectName(namespace) }),
  }));
}
