import { TokenAccess } from '../forge';
import { Symptom } from '../support';
import { Registry, RegistryKind } from './registry';

/**
 * Returns the symptoms of a failed push to a registry, or a failed scan.
 *
 * @jsii ignore
 */
export function registrySymptoms(registry: Registry): Symptom[] {
  return [
    ...plainHttp(registry),
    ...privateCa(registry),
    ...uploadLimit(registry),
    ...refused(registry),
    serverError(registry),
    ...otherRealm(registry),
    ...privatePackage(registry),
  ];
}

function plainHttp({ endpoints }: Registry): Symptom[] {
  const hosts = endpoints.filter(({ isPlainHttp }) => isPlainHttp).map(({ host }) => `\`${host}\``);
  if (hosts.length === 0) {
    return [];
  }
  return [
    {
      seen: '`http: server gave HTTP response to HTTPS client`',
      cause: `${hosts.join(', ')} uses plain HTTP, and the client uses HTTPS.`,
      fix: 'Pass the registry to the client in `main.ts`: `registries` of a builder or of a Docker executor. Configure nodes with the files of `NodeConfig`.',
    },
  ];
}

function privateCa({ endpoints, _tokenEndpoints }: Registry): Symptom[] {
  const hosts = new Set(
    [...endpoints, ..._tokenEndpoints].filter(({ trust }) => trust.caBundle).map(({ host }) => `\`${host}\``),
  );
  if (hosts.size === 0) {
    return [];
  }
  return [
    {
      seen: '`x509: certificate signed by unknown authority`',
      cause: `A private CA signed the certificate of ${[...hosts].join(', ')}, and the client does not trust the CA. If the URL ends in \`/v2/token\`, the client is \`buildctl\` in the job, not buildkitd.`,
      fix: 'Pass the registry to the client in `main.ts`. Configure nodes with the files of `NodeConfig`.',
    },
  ];
}

function uploadLimit({ endpoints, push }: Registry): Symptom[] {
  return endpoints
    .filter(({ uploadLimit: limit }) => limit !== undefined)
    .map(({ host, uploadLimit: limit }) => ({
      seen: '`413 Request Entity Too Large`',
      cause: `\`${host}\` accepts at most ${limit!.toMebibytes({ rounding: 1 })} MiB per request.`,
      fix: `Push to \`${push.host}\`.`,
    }));
}

/** buildkitd repeats a request that a server error ends, so that only lasting errors end a job. */
function serverError({ push, forge }: Registry): Symptom {
  return {
    seen: '`500 Internal Server Error` at a push',
    cause: `The server of \`${push.host}\` fails. The builder repeated the request before the job failed.`,
    fix: forge
      ? 'Read the log of the server: usually the volume of the packages is full or read-only, or the database does not answer. Fix it, and run the job again.'
      : 'Check the status of the registry, and run the job again.',
  };
}

function refused(registry: Registry): Symptom[] {
  const { push, forge, owner } = registry;
  const scope = registry._tokenScope(TokenAccess.WRITE);
  const also = forge ? `, whose user can write packages of \`${owner}\`` : '';
  return [
    {
      seen: '`failed to authorize: failed to fetch oauth token: unauthorized`, `401 Unauthorized` or `denied` at a push',
      cause: `The token for \`${push.host}\` is wrong or expired, or its user cannot push.${forge && !forge.jobTokenMayPush ? ' The token of a job cannot push.' : ''}`,
      fix: scope
        ? `Create a token with the scope \`${scope}\`${also}, and replace the Actions secret.`
        : `Give the user for \`${push.host}\` the right to push.`,
    },
    ...(registry.kind === RegistryKind.GITEA
      ? [
          {
            seen: '`403 Forbidden` on the `PUT` of a blob at a push',
            cause: `The layer or the packages of \`${owner}\` exceed the server's own limit (\`[packages] LIMIT_SIZE_CONTAINER\`, \`LIMIT_TOTAL_OWNER_SIZE\`).`,
            fix: 'Increase the limit in the configuration of the server, delete old packages, or make the image smaller.',
          },
        ]
      : []),
  ];
}

/** GitHub answers for a private package as for one that does not exist, and only its page in the settings changes that. */
function privatePackage({ kind, pull }: Registry): Symptom[] {
  if (kind !== RegistryKind.GHCR) {
    return [];
  }
  return [
    {
      seen: '`DENIED: requested access to the resource is denied` at an ImageRepository, or `failed to fetch anonymous token` at a pod',
      cause: `The package at \`${pull.host}\` does not exist yet, or is private, as each new package is.`,
      fix: 'Change the visibility of the package in its settings, or set `credentials` of the registry.',
    },
    {
      seen: '`denied: permission_denied: write_package` at a push',
      cause:
        'The package belongs to another repository, or was pushed by a person: the token of the job cannot write to it.',
      fix: 'Add the repository with the role Write, in "Manage Actions access" of the settings of the package.',
    },
  ];
}

function otherRealm(registry: Registry): Symptom[] {
  const realm = registry._tokenRealm(registry.push);
  if (realm.host === registry.push.host) {
    return [];
  }
  return [
    {
      seen: '`failed to authorize: failed to fetch oauth token`',
      cause: `A client that pushes to \`${registry.push.host}\` fetches its token at <${realm.url}/v2/token>, and cannot connect to it.`,
      fix: `Let the client connect to \`${realm.host}\`.`,
    },
  ];
}
