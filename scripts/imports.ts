import * as fs from 'node:fs';
import * as path from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { Pin, PINS } from '../lib/support';

// The parts of scripts/imports.sh that are not commands of other programs:
//   modules                   prints the Go modules with CRD files: module@version, and the directory of the files
//   reduce FROM CRDS NEWEST   reads all CRDs below FROM; writes the CRDs that this library emits objects of, without
//                             prose: to CRDS with all served versions, to NEWEST with the newest version only and without
//                             the schemas of pods

/** Modules that contain their CRDs as files. The CRDs of the others are generated from their Go types: imports/crds.go. */
const MODULES: [pin: Pin, module: string, directory: string][] = [
  [PINS.crds.certManager, 'github.com/cert-manager/cert-manager', 'deploy/crds'],
  [PINS.crds.externalSecrets, 'github.com/external-secrets/external-secrets', 'config/crds/bases'],
  [PINS.crds.sealedSecrets, 'github.com/bitnami-labs/sealed-secrets', 'helm/sealed-secrets/crds'],
  [PINS.crds.keda, 'github.com/kedacore/keda/v2', 'config/crd/bases'],
  [PINS.crds.kyverno, 'github.com/kyverno/kyverno', 'config/crds/policies.kyverno.io'],
  [PINS.crds.policyController, 'github.com/sigstore/policy-controller', 'config'],
];

/** The kinds that this library emits, by group. */
const KINDS: Record<string, string[]> = {
  'bitnami.com': ['SealedSecret'],
  'cert-manager.io': ['Certificate', 'Issuer'],
  'external-secrets.io': ['ExternalSecret', 'PushSecret'],
  'helm.toolkit.fluxcd.io': ['HelmRelease'],
  'image.toolkit.fluxcd.io': ['ImagePolicy', 'ImageRepository', 'ImageUpdateAutomation'],
  'keda.sh': ['ScaledJob', 'ScaledObject', 'TriggerAuthentication'],
  'kustomize.toolkit.fluxcd.io': ['Kustomization'],
  'monitoring.coreos.com': ['ServiceMonitor'],
  'notification.toolkit.fluxcd.io': ['Alert', 'Provider', 'Receiver'],
  'policies.kyverno.io': ['ImageValidatingPolicy'],
  'policy.sigstore.dev': ['ClusterImagePolicy'],
  'source.toolkit.fluxcd.io': ['GitRepository', 'HelmRepository', 'OCIRepository'],
};

interface Version {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
}

interface Definition {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly Version[];
  };
}

/** Removes descriptions of fields. A field that is itself named `description` has an object as its value. */
function withoutProse(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutProse);
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  const entries = Object.entries(value).filter(([key, child]) => key !== 'description' || typeof child !== 'string');
  return Object.fromEntries(entries.map(([key, child]) => [key, withoutProse(child)]));
}

/** Fields with whole pods or Jobs of Kubernetes: thousands of lines of types that Kubernetes defines. */
const OF_KUBERNETES = ['jobTargetRef', 'podTemplate'];

/** Replaces the schemas of Kubernetes' own objects by "any object". */
function withoutPods(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutPods);
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) =>
      OF_KUBERNETES.includes(key) && child !== null && typeof child === 'object'
        ? [key, { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }]
        : [key, withoutPods(child)],
    ),
  );
}

/** Replaces the schema of the status, which controllers write and this library does not. */
function withoutStatus(version: unknown): unknown {
  const copy = structuredClone(version) as { schema: { openAPIV3Schema: { properties: Record<string, unknown> } } };
  const { properties } = copy.schema.openAPIV3Schema;
  if (properties.status !== undefined) {
    properties.status = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  }
  return copy;
}

function definition({ metadata, spec, ...rest }: Definition, versions: readonly Version[]): object {
  const { names, group, scope } = spec as Definition['spec'] & { scope: string };
  return {
    apiVersion: (rest as { apiVersion?: string }).apiVersion,
    kind: rest.kind,
    metadata: { name: metadata.name },
    spec: { group, names, scope, versions: versions.map((version) => withoutStatus(withoutProse(version))) },
  };
}

function read(folder: string): Definition[] {
  const files = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
  return files
    .sort()
    .flatMap((file) => parseAllDocuments(fs.readFileSync(path.join(folder, file), 'utf8')))
    .map((document) => document.toJS() as Definition)
    .filter((object) => object?.kind === 'CustomResourceDefinition');
}

function reduce(from: string, crds: string, newest: string): void {
  const all = read(from);
  for (const [group, kinds] of Object.entries(KINDS)) {
    const found = kinds.map((kind) => all.find(({ spec }) => spec.group === group && spec.names.kind === kind));
    if (found.includes(undefined)) {
      throw new Error(`${group}: no CRD of ${kinds.filter((_, i) => !found[i]).join(', ')}`);
    }
    for (const [folder, versionsOf] of [
      [crds, ({ spec }: Definition) => spec.versions.filter(({ served }) => served)],
      [
        newest,
        ({ spec }: Definition) =>
          spec.versions.filter(({ storage }) => storage).map((one) => withoutPods(one) as Version),
      ],
    ] as const) {
      const text = found.map((one) =>
        stringify(definition(one!, versionsOf(one!)), { lineWidth: 0, aliasDuplicateObjects: false }),
      );
      fs.mkdirSync(folder, { recursive: true });
      fs.writeFileSync(path.join(folder, `${group}.yaml`), text.join('---\n'));
    }
  }
}

const [command, ...rest] = process.argv.slice(2);
if (command === 'modules') {
  console.log(MODULES.map(([{ version }, module, directory]) => `${module}@${version} ${directory}`).join('\n'));
} else if (command === 'reduce') {
  reduce(rest[0], rest[1], rest[2]);
}
