/** Widely used actions that are written in JavaScript in every version. */
export const NODE_ACTIONS = [
  'actions/cache',
  'actions/checkout',
  'actions/download-artifact',
  'actions/github-script',
  'actions/setup-go',
  'actions/setup-java',
  'actions/setup-node',
  'actions/setup-python',
  'actions/upload-artifact',
  'docker/bake-action',
  'docker/build-push-action',
  'docker/login-action',
  'docker/metadata-action',
  'docker/setup-buildx-action',
  'docker/setup-docker-action',
  'docker/setup-qemu-action',
];

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
