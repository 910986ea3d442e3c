import { hasControlCharacter, Problems, quoted } from '../../support';

/** The variables that the library sets for runners: builder, proxy and trusted CAs. */
const LIBRARY = [
  'PATH',
  'BUILDKIT_HOST',
  'BUILDKIT_HOSTS',
  'BUILDCTL_FLAGS',
  'SSL_CERT_FILE',
  'GIT_SSL_CAINFO',
  'NODE_EXTRA_CA_CERTS',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
];

/** Reports variables that are not such, and variables that the library or the runner binary overwrites. */
export function checkEnvironment(
  environment: Record<string, string>,
  reserved: readonly string[],
  problems: Problems,
): void {
  for (const [name, value] of Object.entries(environment)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      problems.add({
        code: 'FORGE-RUN-039',
        message: `${quoted(name)} is not the name of a variable`,
        allowed: 'letters, digits and "_", no digit first',
        fix: 'rename the variable in environment',
      });
    } else if (hasControlCharacter(String(value))) {
      problems.add({
        code: 'FORGE-RUN-039',
        message: `environment.${name} contains a control character`,
        allowed: 'one line of text',
        fix: `set environment.${name} to one line`,
      });
    } else {
      checkReserved(name, reserved, problems);
    }
  }
}

function checkReserved(name: string, reserved: readonly string[], problems: Problems): void {
  const isOf = (names: readonly string[]) => names.some((other) => matches(other, name.toUpperCase()));
  if (isOf(LIBRARY)) {
    problems.add({
      code: 'FORGE-RUN-039',
      message: `environment sets ${name}, which the library sets`,
      fix: `remove ${name} from environment; builder, proxy and certificateAuthorities are properties`,
    });
  } else if (isOf(reserved)) {
    problems.add({
      code: 'FORGE-RUN-039',
      message: `environment sets ${name}, which the runner overwrites in every job`,
      fix: `remove ${name} from environment, or rename it`,
    });
  }
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
