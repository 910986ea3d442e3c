import { Pin } from './pin';

const ACTION = '`uses` of the steps from `Actions` in workflow files';
const NODE24 = "node24: GitHub's runner from 2.327.1 on, Gitea's runner from 1.0 on";

/**
 * Actions whose inputs the library knows, in their newest majors. The versions were read at their releases; the commits, in
 * workflow files of many public repositories that name both. `renovate.json` reads the comments.
 *
 * @jsii ignore
 */
export const ACTIONS = {
  // renovate: datasource=github-tags depName=actions/checkout
  checkout: {
    name: 'actions/checkout',
    version: 'v7.0.1',
    commit: '3d3c42e5aac5ba805825da76410c181273ba90b1',
    checked: '2026-11-28',
    source: 'https://github.com/actions/checkout/releases',
    needs: NODE24,
    changes: ACTION,
  },
  // renovate: datasource=github-tags depName=actions/cache
  cache: {
    name: 'actions/cache',
    version: 'v6.1.0',
    commit: '55cc8345863c7cc4c66a329aec7e433d2d1c52a9',
    checked: '2026-11-28',
    source: 'https://github.com/actions/cache/releases',
    needs: NODE24,
    changes: ACTION,
  },
  // renovate: datasource=github-tags depName=actions/github-script
  githubScript: {
    name: 'actions/github-script',
    version: 'v8.0.0',
    commit: 'ed597411d8f924073f98dfc5c65a23a2325f34cd',
    checked: '2026-11-28',
    source: 'https://github.com/actions/github-script/releases',
    needs: NODE24,
    changes: 'workflow files of pipelines with `BuildCache.github()`',
  },
  // renovate: datasource=github-tags depName=actions/upload-artifact
  uploadArtifact: {
    name: 'actions/upload-artifact',
    version: 'v7.0.1',
    commit: '043fb46d1a93c77aae656e7c1c64a875d1fc6a0a',
    checked: '2026-11-28',
    newest: 'v7.0.2',
    source: 'https://github.com/actions/upload-artifact/releases',
    needs: NODE24,
    changes: ACTION,
  },
  // renovate: datasource=github-tags depName=actions/download-artifact
  downloadArtifact: {
    name: 'actions/download-artifact',
    version: 'v8.0.1',
    commit: '3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c',
    checked: '2026-11-28',
    source: 'https://github.com/actions/download-artifact/releases',
    needs: NODE24,
    changes: ACTION,
  },
  // renovate: datasource=github-tags depName=docker/setup-buildx-action
  setupBuildx: {
    name: 'docker/setup-buildx-action',
    version: 'v4.3.0',
    commit: '37fe631027851001ddb9b187196cc803df7f5f0e',
    checked: '2026-11-28',
    newest: 'v4.4.1',
    source: 'https://github.com/docker/setup-buildx-action/releases',
    needs: NODE24,
    changes: ACTION,
  },
  // renovate: datasource=github-tags depName=docker/login-action
  login: {
    name: 'docker/login-action',
    version: 'v4.6.0',
    commit: 'dbcb813823bdd20940b903addbd779551569679f',
    checked: '2026-11-28',
    source: 'https://github.com/docker/login-action/releases',
    needs: NODE24,
    changes: ACTION,
  },
  // renovate: datasource=github-tags depName=docker/metadata-action
  metadata: {
    name: 'docker/metadata-action',
    version: 'v6.2.0',
    commit: 'dc802804100637a589fabce1cb79ff13a1411302',
    checked: '2026-11-28',
    source: 'https://github.com/docker/metadata-action/releases',
    needs: NODE24,
    changes: ACTION,
  },
  // renovate: datasource=github-tags depName=docker/build-push-action
  buildPush: {
    name: 'docker/build-push-action',
    version: 'v7.3.0',
    commit: '53b7df96c91f9c12dcc8a07bcb9ccacbed38856a',
    checked: '2026-11-28',
    newest: 'v7.4.0',
    source: 'https://github.com/docker/build-push-action/releases',
    needs: NODE24,
    changes: ACTION,
  },
  // renovate: datasource=github-tags depName=github/codeql-action
  codeql: {
    name: 'github/codeql-action',
    version: 'v4.37.7',
    commit: 'ff2f1c621b7f889edc0d3c761ac2e6a3f8cdb0dd',
    checked: '2026-11-28',
    newest: 'v4.37.9',
    source: 'https://github.com/github/codeql-action/releases',
    needs: NODE24,
    changes: 'workflow files with `Scan` and `sarif: true`',
  },
} satisfies Record<string, Pin>;
