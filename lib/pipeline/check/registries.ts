import { Construct } from 'constructs';
import { IBuilder, Provenance } from '../../buildkit';
import { ForgeFeature } from '../../forge';
import { Registry, RegistryRole, Zone } from '../../registry';
import { hostSuffix, Problems, quoted } from '../../support';
import { CatalogueImage } from '../catalogue/image-options';

/** The registries of a pipeline, and what pushes to them. */
interface PushedImages {
  readonly registry: Registry;
  readonly images: readonly CatalogueImage[];
  readonly builder?: IBuilder;
}

/**
 * Checks the registries that a pipeline pushes to beside its own: access, builder, names, and logins.
 *
 * @jsii ignore
 */
export function checkMirrors(pipeline: Construct, pushed: PushedImages, problems: Problems): void {
  const { registry, images, builder } = pushed;
  const mirrors = [...new Set(images.flatMap((image) => image.mirrors ?? []))];
  mirrors.forEach((mirror) => {
    problems.collect(() => mirror.assertAccess(pipeline, RegistryRole.PUSH, Zone.JOB));
    if (builder && !builder.canUse(mirror)) {
      problems.add({
        code: 'FORGE-PIPE-004',
        message: `builder ${quoted(builder.path)} does not know registry ${quoted(mirror.push.host)} of mirrors`,
        fix: 'add the registry to registries of the builder, or remove it from mirrors',
        symptom: 'http: server gave HTTP response to HTTPS client, or x509: certificate signed by unknown authority',
      });
    }
  });
  images.forEach(({ name, mirrors: own = [] }) => {
    const names = [registry, ...own].map((one) => one.pushName(name));
    const twin = names.find((one, i) => names.indexOf(one) < i);
    if (twin !== undefined) {
      problems.add({
        code: 'FORGE-PIPE-008',
        message: `image ${quoted(name)} is pushed to ${quoted(twin)} twice`,
        fix: 'remove the registry from mirrors',
      });
    }
  });
  const hosts = [...new Set(mirrors.map(({ push }) => push.host))];
  const twin = hosts.find((host, i) => hosts.findIndex((one) => hostSuffix(one) === hostSuffix(host)) < i);
  if (twin !== undefined) {
    problems.add({
      code: 'FORGE-PIPE-008',
      message: `two registries of mirrors have hosts that differ in special characters only: ${quoted(twin)}`,
      fix: 'remove one of them from mirrors: their Actions secrets would have one name',
    });
  }
}

/**
 * Checks that every registry of an image accepts its attestations.
 *
 * @jsii ignore
 */
export function checkAttestations({ registry, images }: PushedImages, problems: Problems): void {
  images.forEach(({ name, mirrors = [], provenance = Provenance.NONE, sbom }) => {
    if (provenance === Provenance.NONE && !sbom) {
      return;
    }
    const old = [registry, ...mirrors].find(({ forge }) => {
      const since = forge?.product.since(ForgeFeature.IMAGE_ATTESTATIONS);
      // A product that says nothing about it counts as one that accepts them.
      return since !== undefined && !forge!.supports(ForgeFeature.IMAGE_ATTESTATIONS);
    });
    if (old !== undefined) {
      problems.add({
        code: 'FORGE-PIPE-011',
        message: `image ${quoted(name)} has attestations, which the registry ${quoted(old.push.host)} does not accept: ${old.forge!.product.title} is older than ${old.forge!.product.since(ForgeFeature.IMAGE_ATTESTATIONS)}`,
        fix: 'remove provenance and sbom, or upgrade the forge and set its version',
        symptom: 'failed commit on ref "index-sha256:…": unexpected status: 404 Not Found',
      });
    }
  });
}
