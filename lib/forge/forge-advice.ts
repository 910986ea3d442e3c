import { Check, Part, shellWord, TokenUse } from '../support';
import { Forge } from './forge';
import { ForgeProduct } from './product-facts';
import { Repository } from './repository';

/**
 * Returns the repository's part of the runbook diagram.
 *
 * @jsii ignore
 */
export function repositoryPart({ forge, fullName }: Repository): Part {
  return { kind: 'repository', name: `${forge.url}/${fullName}`, label: [fullName] };
}

/**
 * Returns the page where an API token of a forge is created, and the required token scope.
 *
 * @param namespace a namespace that has the certificates of the forge's private authority, if there are such
 *
 * @jsii ignore
 */
export function apiToken(forge: Forge, scope: string, namespace?: string): TokenUse {
  const { caBundle } = forge.trust;
  const authority = caBundle && {
    name: caBundle.name,
    ...(namespace === undefined ? {} : { print: caBundle._printed(namespace) }),
  };
  return { page: `${forge.url}/user/settings/applications`, scope, ...(authority ? { authority } : {}) };
}

/**
 * Returns a command that calls a forge's API as the owner of the token in `$HEADER`.
 *
 * @param path what follows `/api/v1/`
 *
 * @jsii ignore
 */
export function apiCommand(forge: Forge, path: string, method = 'GET'): string {
  const request = method === 'GET' ? '' : `--request ${method} `;
  const trust = forge.trust.caBundle ? '--cacert "$CA" ' : '';
  return `curl --silent --show-error ${trust}${request}--header @"$HEADER" ${shellWord(`${forge.url}/api/v1/${path}`)}`;
}

/**
 * Returns whether the API of a forge can list runners: Gitea 1.24 (go-gitea#33873), Forgejo 15.
 *
 * @jsii ignore
 */
export function listsRunners(forge: Forge): boolean {
  return forge.product !== ForgeProduct.GITHUB && forge.atLeast(forge.product === ForgeProduct.GITEA ? '1.24' : '15.0');
}

/**
 * Returns a check that shows whether workflows of a repository run. The API lists runs since Gitea 1.25 and Forgejo 12.
 * The web page is always available.
 *
 * @jsii ignore
 */
export function runsCheck({ forge, fullName }: Repository): Check {
  const page = `<${forge.url}/${fullName}/actions>`;
  const check = { about: 'Workflows', title: `The newest runs of \`${fullName}\` are green` };
  if (forge.product === ForgeProduct.GITHUB) {
    const { host } = new URL(forge.url);
    return {
      ...check,
      good: `\`success\`, also at ${page}`,
      commands: [`gh run list --repo ${host}/${fullName} --limit 5`],
    };
  }
  const isGitea = forge.product === ForgeProduct.GITEA;
  if (!forge.atLeast(isGitea ? '1.25' : '12.0')) {
    return { ...check, good: `a green tick at ${page}` };
  }
  return {
    ...check,
    good: `\`${isGitea ? '"conclusion":"success"' : '"status":"success"'}\`, also at ${page}`,
    commands: [apiCommand(forge, `repos/${fullName}/actions/runs?limit=5`)],
    token: apiToken(forge, 'read:repository'),
  };
}
