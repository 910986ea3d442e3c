export * from './adopt/manifest';
export * from './adopt/text';
export * from './notify/alert';
export * from './cluster/cluster';
export * from './cluster/cluster-kustomizations';
export { FluxInstanceOptions, FluxInstanceSize } from './cluster/instance';
export * from './cluster/kube-config';
export { CommonMetadata, KustomizationImage } from './cluster/kustomization-changes';
export {
  ExistingObject,
  ExistingSource,
  SourceKind,
  SourceReference,
  SourceReferenceProps,
} from './source/existing-source';
export * from './cluster/cluster-layer';
export * from './cluster/props';
export * from './cluster/layers';
export * from './cluster/content-name';
export * from './image/deployed-image';
export * from './image/digest-reflection';
export * from './base/duration';
export { fluxPart } from './cluster/advice';
export * from './base/flux-object';
export * from './base/omission';
export * from './base/version';
export * from './source/git-reference';
export * from './source/git-repository';
export * from './release/helm-release';
export * from './source/helm-repository';
export * from './image/policy';
export * from './image/pull-access';
export * from './image/repository';
export * from './image/update-automation';
export * from './cluster/final-health-checks';
export * from './cluster/kustomization';
export * from './cluster/kustomization-options';
export * from './source/oci-repository';
export * from './notify/provider';
export * from './notify/provider-type';
export * from './pattern/re2';
export * from './notify/receiver';
export * from './semver/check';
export * from './semver/grammar';
export * from './semver/range';
export * from './source/signing-key';
export * from './source/verification';
export * from './cluster/substitution';
export * from './image/tag-policy';
export * from './image/tags/options';
import './door';
