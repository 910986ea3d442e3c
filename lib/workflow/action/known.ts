/**
 * Widely used actions that are written in JavaScript in every version, with the first major version that runs on node24.
 * Earlier major versions run on node20, or an older Node.js.
 *
 * Source: release notes of each action ("Node 24 as default runtime", "now runs on Node.js 24").
 */
const NODE24_SINCE: Record<string, number> = {
  'actions/cache': 5,
  'actions/checkout': 5,
  'actions/download-artifact': 7,
  'actions/github-script': 8,
  'actions/setup-go': 6,
  'actions/setup-java': 5,
  'actions/setup-node': 5,
  'actions/setup-python': 6,
  'actions/upload-artifact': 6,
  'docker/bake-action': 7,
  'docker/build-push-action': 7,
  'docker/login-action': 4,
  'docker/metadata-action': 6,
  'docker/setup-buildx-action': 4,
  'docker/setup-docker-action': 5,
  'docker/setup-qemu-action': 4,
  'github/codeql-action': 4,
};

/** Names of widely used actions that are written in JavaScript in every version. */
export const NODE_ACTIONS = Object.keys(NODE24_SINCE);

/**
 * Returns whether a version of a known action runs on node24; undefined if the action or its version is not known.
 *
 * @param fullName `owner/name`
 * @param ref the tag, for example `v4.2.2`
 * @jsii ignore
 */
export function runsOnNode24(fullName: string, ref: string | undefined): boolean | undefined {
  const since = Object.hasOwn(NODE24_SINCE, fullName) ? NODE24_SINCE[fullName] : undefined;
  const major = /^v?(\d{1,4})(?:\.\d+){0,2}$/.exec(ref ?? '')?.[1];
  return since === undefined || major === undefined ? undefined : Number(major) >= since;
}

/**
 * All actions of the owners for which users often invent action names. No other action of these owners can be fetched.
 * Archived actions can still be fetched.
 */
const OWNED: Record<string, string[]> = {
  actions: [
    'add-to-project',
    'ai-inference',
    'attest',
    'attest-build-provenance',
    'attest-sbom',
    'cache',
    'checkout',
    'configure-pages',
    'create-github-app-token',
    'create-release',
    'delete-package-versions',
    'dependency-review-action',
    'deploy-pages',
    'download-artifact',
    'first-interaction',
    'github-script',
    'go-dependency-submission',
    'hello-world-docker-action',
    'hello-world-javascript-action',
    'jekyll-build-pages',
    'labeler',
    'publish-immutable-action',
    'setup-dotnet',
    'setup-go',
    'setup-java',
    'setup-node',
    'setup-python',
    'setup-ruby',
    'stale',
    'upload-artifact',
    'upload-pages-artifact',
    'upload-release-asset',
    'versions-package-tools',
  ],
  docker: [
    'bake-action',
    'build-push-action',
    'github-builder',
    'login-action',
    'metadata-action',
    'scout-action',
    'setup-buildx-action',
    'setup-compose-action',
    'setup-docker-action',
    'setup-qemu-action',
  ],
};

/**
 * Returns whether an owner is known not to have such an action; undefined if the owner is not known.
 *
 * @jsii ignore
 */
export function isUnknownAction(owner: string, name: string): boolean | undefined {
  const names = Object.hasOwn(OWNED, owner) ? OWNED[owner] : undefined;
  return names && !names.includes(name);
}
