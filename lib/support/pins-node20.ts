import { Pin } from './pin';

const ACTION = '`uses` of the steps from `Actions` in workflow files';
const NODE20 = "for runners that are not known to have node24. GitHub's runners have no node20 since 2026-09-16";

/**
 * The last versions of the actions in `pins.ts` that run on node20, for runners that are not known to have node24.
 *
 * @jsii ignore
 */
export const ACTIONS_ON_NODE20 = {
  checkout: {
    name: 'actions/checkout',
    version: 'v4.2.2',
    commit: '11bd71901bbe5b1630ceea73d27597364c9af683',
    checked: '2026-11-28',
    newest: 'v7.0.1',
    source: 'https://github.com/actions/checkout/releases',
    needs: NODE20,
    changes: ACTION,
  },
  cache: {
    name: 'actions/cache',
    version: 'v4.2.3',
    commit: '5a3ec84eff668545956fd18022155c47e93e2684',
    checked: '2026-11-28',
    newest: 'v6.1.0',
    source: 'https://github.com/actions/cache/releases',
    needs: NODE20,
    changes: ACTION,
  },
  uploadArtifact: {
    name: 'actions/upload-artifact',
    version: 'v4.6.2',
    commit: 'ea165f8d65b6e75b540449e92b4886f43607fa02',
    checked: '2026-11-28',
    newest: 'v7.0.1',
    source: 'https://github.com/actions/upload-artifact/releases',
    needs: NODE20,
    changes: ACTION,
  },
  downloadArtifact: {
    name: 'actions/download-artifact',
    version: 'v4.3.0',
    commit: 'd3f86a106a0bac45b974a628896c90dbdf5c8093',
    checked: '2026-11-28',
    newest: 'v8.0.1',
    source: 'https://github.com/actions/download-artifact/releases',
    needs: NODE20,
    changes: ACTION,
  },
  setupBuildx: {
    name: 'docker/setup-buildx-action',
    version: 'v3.10.0',
    commit: 'b5ca514318bd6ebac0fb2aedd5d36ec1b5c232a2',
    checked: '2026-11-28',
    newest: 'v4.3.0',
    source: 'https://github.com/docker/setup-buildx-action/releases',
    needs: NODE20,
    changes: ACTION,
  },
  login: {
    name: 'docker/login-action',
    version: 'v3.4.0',
    commit: '74a5d142397b4f367a81961eba4e8cd7edddf772',
    checked: '2026-11-28',
    newest: 'v4.6.0',
    source: 'https://github.com/docker/login-action/releases',
    needs: NODE20,
    changes: ACTION,
  },
  metadata: {
    name: 'docker/metadata-action',
    version: 'v5.7.0',
    commit: '902fa8ec7d6ecbf8d84d538b9b233a880e428804',
    checked: '2026-11-28',
    newest: 'v6.2.0',
    source: 'https://github.com/docker/metadata-action/releases',
    needs: NODE20,
    changes: ACTION,
  },
  buildPush: {
    name: 'docker/build-push-action',
    version: 'v6.18.0',
    commit: '263435318d21b8e681c14492fe198d362a7d2c83',
    checked: '2026-11-28',
    newest: 'v7.3.0',
    source: 'https://github.com/docker/build-push-action/releases',
    needs: NODE20,
    changes: ACTION,
  },
} satisfies Record<string, Pin>;
