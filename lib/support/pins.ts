import { frozen } from './frozen';
import { Pin } from './pin';
import { ACTIONS } from './pins-actions';
import { ACTIONS_ON_NODE20 } from './pins-node20';

const NOT_COMPARED =
  'a newer version may exist: the list of versions could not be read for this release of the library';

/** Container images. `renovate.json` reads the comments. */
const IMAGES = {
  // renovate: datasource=docker depName=moby/buildkit
  buildkit: {
    name: 'moby/buildkit',
    version: 'v0.34.2',
    checked: '2026-11-28',
    newest: 'v0.35.1',
    source: 'https://github.com/moby/buildkit/releases',
    needs:
      'the newest release that the Go module proxy serves: its configuration loader was run against the rendered buildkitd.toml',
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
    changes: 'image of the CronJobs of `RegistryRetention` and `RegistryMirror`',
  },
  // renovate: datasource=docker depName=ghcr.io/distribution/distribution
  distribution: {
    name: 'ghcr.io/distribution/distribution',
    version: '3.1.2',
    checked: '2026-11-29',
    source: 'https://github.com/distribution/distribution/releases',
    needs:
      'the newest release that the Go module proxy serves: it was run as a mirror. Not an image of Docker Hub, which it mirrors',
    changes: 'image of `RegistryMirror`',
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
    version: '3.5.0',
    checked: '2026-11-28',
    newest: '4.1.0',
    source: 'https://gitea.com/gitea/runner/releases',
    needs:
      'the newest version before 4.0, which sends the cache through the runner and no longer matches "/" with "*" of `validVolumes`. No setting was added between 3.3.0 and 3.5.0',
    changes: 'image of runners for Gitea',
  },
  // renovate: datasource=docker depName=code.forgejo.org/forgejo/runner
  forgejoRunner: {
    name: 'code.forgejo.org/forgejo/runner',
    version: '12.13.2',
    checked: '2026-08-21',
    source: 'https://code.forgejo.org/forgejo/runner/releases',
    needs: NOT_COMPARED,
    changes: 'image of runners for Forgejo',
  },
  // renovate: datasource=docker depName=ghcr.io/actions/actions-runner
  githubRunner: {
    name: 'ghcr.io/actions/actions-runner',
    version: '2.338.1',
    checked: '2026-11-28',
    source: 'https://github.com/actions/runner/releases',
    needs: 'GitHub registers runners from 2.329.0 on, and expects each release within 30 days',
    changes: 'image of runners for GitHub',
  },
} satisfies Record<string, Pin>;

/** Helm charts. */
const CHARTS = {
  // renovate: datasource=helm depName=gitea registryUrl=https://dl.gitea.com/charts/
  gitea: {
    name: 'gitea',
    version: '12.5.3',
    checked: '2026-08-21',
    source: 'https://gitea.com/gitea/helm-gitea/releases',
    needs: NOT_COMPARED,
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
  // renovate: datasource=github-releases depName=kyverno/kyverno
  kyverno: {
    name: 'kyverno/kyverno',
    version: 'v1.19.1',
    checked: '2026-11-28',
    source: 'https://github.com/kyverno/kyverno/releases',
    needs: MODULE,
    changes: CRD,
  },
  // renovate: datasource=github-releases depName=sigstore/policy-controller
  policyController: {
    name: 'sigstore/policy-controller',
    version: 'v0.13.1',
    checked: '2026-11-28',
    source: 'https://github.com/sigstore/policy-controller/releases',
    needs: MODULE,
    changes: CRD,
  },
} satisfies Record<string, Pin>;

/**
 * All versions of other software that the library names.
 *
 * @jsii ignore
 */
export const PINS = frozen({
  images: IMAGES,
  actions: ACTIONS,
  actionsOnNode20: ACTIONS_ON_NODE20,
  charts: CHARTS,
  crds: CRDS,
});

/**
 * Returns the reference of a pinned image, for example `moby/buildkit:v0.34.2`.
 *
 * @jsii ignore
 */
export function pinnedImage({ name, version }: Pin): string {
  return `${name}:${version}`;
}
