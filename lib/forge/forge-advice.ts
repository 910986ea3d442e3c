import { anyOf, Check, command, Command, Expectation, Part, prints, TokenUse } from '../support';
import { IForge } from './i-forge';
import { ForgeFeature } from './product/feature';
import { TokenAccess, TokenResource } from './product/token-scope';
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
export function apiToken(forge: IForge, scope: string, namespace?: string): TokenUse {
  const authority = forge.trust.caBundle?._authority(namespace);
  return { page: forge.product.tokenPage(forge.url), scope, ...(authority ? { authority } : {}) };
}

/**
 * Returns a command that calls a forge's API as the owner of the token in `$HEADER`.
 *
 * @param path path of the call, for example `repos/platform/hello`
 *
 * @jsii ignore
 */
export function apiCommand(forge: IForge, path: string, method = 'GET'): Command {
  const request = method === 'GET' ? [] : ['--request', method];
  const trust = forge.trust.caBundle ? [command`--cacert "$CA"`] : [];
  return command`curl ${['--silent', '--show-error', ...trust, ...request]} --header @"$HEADER" ${forge.product.apiUrl(forge.url, path)}`;
}

/**
 * Returns a check that shows whether workflows of a repository run. The API lists runs since Gitea 1.25 and Forgejo 12.
 * The web page is always available.
 *
 * @jsii ignore
 */
export function runsCheck({ forge, fullName }: Repository): Check {
  const page = `<${forge.product.runsPage(forge.url, fullName)}>`;
  const check = { about: 'Workflows', title: `The newest runs of \`${fullName}\` succeed` };
  const { successfulRun } = forge.product;
  if (successfulRun === undefined || !forge.supports(ForgeFeature.RUNS_API)) {
    return { ...check, good: `a green tick at ${page}` };
  }
  const runs = forge.product.runsCommand(forge.url, fullName);
  return {
    ...check,
    good: `\`${successfulRun}\`, also at ${page}`,
    expect: newestIs(successfulRun),
    ...(runs === undefined
      ? {
          commands: [apiCommand(forge, `repos/${fullName}/actions/runs?limit=5`)],
          token: apiToken(forge, forge.product.tokenScope(TokenResource.REPOSITORY, TokenAccess.READ)),
        }
      : { commands: [Command.ofText(runs)] }),
  };
}

/** The states of a run that has not ended. */
const UNFINISHED = 'running|waiting|blocked|queued|pending|in_progress';

/** Returns the expectation that the first finished run in an answer is successful, for example `"conclusion":"success"`. */
function newestIs(successfulRun: string): Expectation {
  const [, key] = /^("\w+":")\w+"$/.exec(successfulRun) ?? [];
  return key === undefined
    ? prints(successfulRun)
    : { exitCode: 0, stdoutMatches: `^(?:(?!${key}(?!${UNFINISHED})[a-z])[\\s\\S])*${anyOf([successfulRun])}` };
}
