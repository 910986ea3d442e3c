import * as net from 'node:net';
import * as path from 'node:path';
import { Check, command, DNS_SUBDOMAIN, Problem, quoted, succeeds } from '../support';

/** The file of the certificate of a CA, unless the program names another. */
export const CA_FILE = 'certs/ca.crt';

/** A problem with a value, without the code of the construct that has the value. */
type Fault = Omit<Problem, 'code'>;

/**
 * Returns what is wrong with the names of a server's certificate.
 *
 * @jsii ignore
 */
export function serverNameFaults(names: readonly string[]): Fault[] {
  const wrong = names.filter((name) => net.isIP(name) === 0 && !DNS_SUBDOMAIN.test(name.replace(/^\*\./, '')));
  return [
    ...wrong.map((name) => ({
      message: `names has ${quoted(name)}, which is neither a DNS name nor an IP address`,
      fix: "set names such as 'git.example.com' in lower case, without scheme, port and path",
    })),
    ...(names.length === 0
      ? [{ message: 'names is empty', fix: "set the names of the server, such as 'git.example.com'" }]
      : []),
  ];
}

/**
 * Returns what is wrong with the file of a CA's certificate: it is committed, and no synth may remove it.
 *
 * @jsii ignore
 */
export function certificateFileFaults(file: string): Fault[] {
  const isOutside = path.isAbsolute(file) || path.normalize(file).startsWith('..');
  return !isOutside && /^[A-Za-z0-9._/-]+$/.test(file) && !/^(\.\/)?dist\//.test(file)
    ? []
    : [
        {
          message: `certificate ${quoted(file)} is not a file of this repository that synth leaves alone`,
          allowed: 'a relative path of letters, digits, "-", "_", "." and "/", outside of dist/',
          fix: `set a path such as '${CA_FILE}'`,
        },
      ];
}

/**
 * Returns the check that the certificate of a CA in the repository does not expire soon.
 *
 * @jsii ignore
 */
export function authorityCheck(about: string, file: string): Check {
  return {
    about,
    title: 'The CA in the repository is valid for another year',
    good: '`Certificate will not expire`',
    symptom: 'x509: certificate has expired or is not yet valid',
    commands: [command`openssl x509 -in ${file} -noout -checkend ${365 * 86400}`],
    expect: succeeds(),
  };
}
