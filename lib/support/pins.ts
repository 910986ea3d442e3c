import { frozen } from './frozen';

/**
 * A version of somebody else's software that this library names.
 *
 * @jsii ignore
 */
export interface Pin {
  /** Name of the image, action, chart or program, as its source spells it. */
  readonly name: string;
  /** Version that the library names: the tag of an image or action, the version of a chart or program. */
  readonly version: string;
  /** Commit of the version, if the library can name an action by its commit. */
  readonly commit?: string;
  /** Day on which the version was compared with its source, as `YYYY-MM-DD`. */
  readonly checked: string;
  /** Newest version on that day, if the library names an older one. */
  readonly newest?: string;
  /** Page that lists the versions. */
  readonly source: string;
  /** Other software that the version needs, or the reason for an older version. */
  readonly needs?: string;
  /** Part of the output that changes with the version. */
  readonly changes: string;
}

const ACTION = '`uses` of the steps from `Actions` in workflow files';
const NODE24 =
  'newer majors run on node24: runner 2.327.1 or newer at GitHub, which runners of Gitea and Forgejo need not have';

/** Container images. `renovate.json` reads the comments. */
const IMAGES = {
  // renovate: datasource=docker depName=moby/buildkit
  buildkit: {
    name: 'moby/buildkit',
    version: 'v0.34.2',
    checked: '2026-11-28',
    newest: 'v0.35.1',
    source: 'https://github.com/moby/buildkit/releases',
    needs: 'the newest release whose configuration loader was run against the rendered buildkitd.toml',
    changes: 'image of `Buildkitd`, and of the containers that bring `buildctl`',
  },
  // renovate: datasource=docker depName=docker
  dockerDaemon: {
    name: 'docker',
    version: '29.9.0-dind',
    checked: '2026-11-28',
    source: 'https://docs.docker.com/engine/release-notes/29/',
    changes: 'image of the Docker daemon in the pods of runners',
  },
  // renovate: datasource=docker depName=curlimages/curl
  curl: {
    name: 'curlimages/curl',
    version: '8.21.0',
    checked: '2026-11-28',
    source: 'https://curl.se/docs/security.html',
    changes: 'image of the Job that requests registration tokens',
  },
  // renovate: datasource=docker depName=node
  node: {
    name: 'docker.io/library/node',
    version: '22.23.1-alpine',
    checked: '2026-11-28',
    source: 'https://nodejs.org/en/about/previous-releases',
    changes: 'image of the CronJob of `RegistryRetention`',
  },
  // renovate: datasource=docker depName=tonistiigi/binfmt versioning=loose
  binfmt: {
    name: 'tonistiigi/binfmt',
    version: 'qemu-v10.2.3-68',
    checked: '2026-11-28',
    source: 'https://github.com/tonistiigi/binfmt/releases',
    changes: 'image of the init container that registers QEMU on the node',
  },
  // renovate: datasource=docker depName=gitea/runner
  giteaRunner: {
    name: 'gitea/runner',
    version: '3.3.0',
    checked: '2026-11-28',
    newest: '3.5.0',
    source: 'https://gitea.com/gitea/runner/releases',
    needs: 'the newest version whose settings were compared with the table of settings',
    changes: 'image of runners for Gitea',
  },
  // renovate: datasource=docker depName=code.forgejo.org/forgejo/runner
  forgejoRunner: {
    name: 'code.forgejo.org/forgejo/runner',
    version: '12.13.2',
    checked: '2026-11-28',
    source: 'https://code.forgejo.org/forgejo/runner/releases',
    changes: 'image of runners for Forgejo',
  },
  // renovate: datasource=docker depName=ghcr.io/actions/actions-runner
  githubRunner: {
    name: 'ghcr.io/actions/actions-runner',
    version: '2.338.0',
    checked: '2026-11-28',
    newest: '2.338.1',
    source: 'https://github.com/actions/runner/releases',
    needs: 'GitHub refuses versions that are some months old',
    changes: 'image of runners for GitHub',
  },
} satisfies Record<string, Pin>;

/** Actions whose inputs the library knows. */
const ACTIONS = {
  // renovate: datasource=github-tags depName=actions/checkout
  checkout: {
    name: 'actions/checkout',
    version: 'v4.2.2',
    commit: '11bd71901bbe5b1630ceea73d27597364c9af683',
    checked: '2026-11-28',
    newest: 'v7.0.1',
    source: 'https://github.com/actions/checkout/releases',
    needs: NODE24,
    changes: ACTION,
  },
  // renovate: datasource=github-tags depName=actions/cache
  cache: {
    name: 'actions/cache',
    version: 'v4.2.3',
    commit: '5a3ec84eff668545956fd18022155c47e93e2684',
    checked: '2026-11-28',
    newest: 'v6.1.0',
    source: 'https://github.com/actions/cache/releases',
    needs: NODE24,
    changes: ACTION,
  },
  // renovate: datasource=github-tags depName=actions/upload-artifact
  uploadArtifact: {
    name: 'actions/upload-artifact',
    version: 'v4.6.2',
    commit: 'ea165f8d65b6e75b540449e92b4886f43607fa02',
    checked: '2026-11-28',
    newest: 'v7.0.1',
    source: 'https://github.com/actions/upload-artifact/releases',
    needs: NODE24,
    changes: ACTION,
  },
  // renovate: datasource=github-tags depName=actions/download-artifact
  downloadArtifact: {
    name: 'actions/download-artifact',
    version: 'v4.3.0',
    commit: 'd3f86a106a0bac45b974a628896c90dbdf5c8093',
    checked: '2026-11-28',
    newest: 'v8.0.1',
    source: 'https://github.com/actions/download-artifact/releases',
    needs: NODE24,
    changes: ACTION,
  },
  // renovate: datasource=github-tags depName=docker/setup-buildx-action
  setupBuildx: {
    name: 'docker/setup-buildx-action',
    version: 'v3.10.0',
    commit: 'b5ca514318bd6ebac0fb2aedd5d36ec1b5c232a2',
    checked: '2026-11-28',
    newest: 'v4.3.0',
    source: 'https://github.com/docker/setup-buildx-action/releases',
    needs: NODE24,
    changes: ACTION,
  },
  // renovate: datasource=github-tags depName=docker/login-action
  login: {
    name: 'docker/login-action',
    version: 'v3.4.0',
    commit: '74a5d142397b4f367a81961eba4e8cd7edddf772',
    checked: '2026-11-28',
    newest: 'v4.6.0',
    source: 'https://github.com/docker/login-action/releases',
    needs: NODE24,
    changes: ACTION,
  },
  // renovate: datasource=github-tags depName=docker/metadata-action
  metadata: {
    name: 'docker/metadata-action',
    version: 'v5.7.0',
    commit: '902fa8ec7d6ecbf8d84d538b9b233a880e428804',
    checked: '2026-11-28',
    newest: 'v6.2.0',
    source: 'https://github.com/docker/metadata-action/releases',
    needs: NODE24,
    changes: ACTION,
  },
  // renovate: datasource=github-tags depName=docker/build-push-action
  buildPush: {
    name: 'docker/build-push-action',
    version: 'v6.18.0',
    commit: '263435318d21b8e681c14492fe198d362a7d2c83',
    checked: '2026-11-28',
    newest: 'v7.3.0',
    source: 'https://github.com/docker/build-push-action/releases',
    needs: NODE24,
    changes: ACTION,
  },
} satisfies Record<string, Pin>;

/** Helm charts. */
const CHARTS = {
  // renovate: datasource=helm depName=gitea registryUrl=https://dl.gitea.com/charts/
  gitea: {
    name: 'gitea',
    version: '12.5.3',
    checked: '2026-11-28',
    source: 'https://gitea.com/gitea/helm-gitea/releases',
    changes: '`chart.spec.version` of the HelmRelease of `GiteaRelease`',
  },
} satisfies Record<string, Pin>;

const CRD = 'fields of the custom resources: read the changed types in `imports/`';

const MODULE = 'the newest version that the Go module proxy serves';

/** Custom resource definitions that `imports/` and `conformance/crds/` are generated from: `scripts/imports.sh`. */
const CRDS = {
  // The API modules of the controllers of this release: scripts/imports/go.mod.
  // renovate: datasource=github-releases depName=fluxcd/flux2
  flux: {
    name: 'fluxcd/flux2',
    version: 'v2.10.0',
    checked: '2026-11-28',
    source: 'https://github.com/fluxcd/flux2/releases',
    changes: CRD,
  },
  // renovate: datasource=github-releases depName=cert-manager/cert-manager
  certManager: {
    name: 'cert-manager/cert-manager',
    version: 'v1.21.2',
    checked: '2026-11-28',
    source: 'https://github.com/cert-manager/cert-manager/releases',
    needs: MODULE,
    changes: CRD,
  },
  // renovate: datasource=github-releases depName=external-secrets/external-secrets
  externalSecrets: {
    name: 'external-secrets/external-secrets',
    version: 'v1.3.2',
    checked: '2026-11-28',
    source: 'https://github.com/external-secrets/external-secrets/releases',
    needs: MODULE,
    changes: CRD,
  },
  // renovate: datasource=github-releases depName=bitnami-labs/sealed-secrets
  sealedSecrets: {
    name: 'bitnami-labs/sealed-secrets',
    version: 'v0.40.0',
    checked: '2026-11-28',
    source: 'https://github.com/bitnami-labs/sealed-secrets/releases',
    needs: MODULE,
    changes: CRD,
  },
  // renovate: datasource=github-releases depName=kedacore/keda
  keda: {
    name: 'kedacore/keda',
    version: 'v2.21.0',
    checked: '2026-11-28',
    source: 'https://github.com/kedacore/keda/releases',
    needs: MODULE,
    changes: CRD,
  },
  // renovate: datasource=github-releases depName=prometheus-operator/prometheus-operator
  prometheusOperator: {
    name: 'prometheus-operator/prometheus-operator',
    version: 'v0.95.2',
    checked: '2026-11-28',
    source: 'https://github.com/prometheus-operator/prometheus-operator/releases',
    needs: MODULE,
    changes: CRD,
  },
} satisfies Record<string, Pin>;

/**
 * All versions of other software that the library names.
 *
 * @jsii ignore
 */
export const PINS = frozen({ images: IMAGES, actions: ACTIONS, charts: CHARTS, crds: CRDS });

/**
 * Returns the reference of a pinned image, for example `moby/buildkit:v0.34.2`.
 *
 * @jsii ignore
 */
export function pinnedImage({ name, version }: Pin): string {
  return `${name}:${version}`;
}
