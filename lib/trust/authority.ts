import * as net from 'node:net';
import * as path from 'node:path';
import { IConstruct } from 'constructs';
import { Check, command, DNS_LABEL, earlierOwner, isUrlHost, Problem, quoted, succeeds } from '../support';

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
  const wrong = names.filter((name) => !isAddress(name) && !isDnsName(name.replace(/^\*\./, '')));
  return [
    ...wrong.map((name) => ({
      message: `names has ${quoted(name)}, which is neither a DNS name nor an IP address`,
      fix: "set names such as 'git.example.com' in lower case, without scheme, port and path, or addresses such as '192.0.2.1' without a zone",
    })),
    ...(names.length === 0
      ? [{ message: 'names is empty', fix: "set the names of the server, such as 'git.example.com'" }]
      : []),
  ];
}

/** Returns whether a certificate can have an address: without the zone of an IPv6 address, which only one machine knows. */
function isAddress(name: string): boolean {
  return net.isIP(name) !== 0 && !name.includes('%');
}

function isDnsName(name: string): boolean {
  return name.length <= 253 && name.split('.').every((label) => DNS_LABEL.test(label)) && isUrlHost(name);
}

/**
 * Returns what is wrong with the file of a CA's certificate: it is committed, no synth may remove it, it is an argument of
 * commands, and each CA has one of its own.
 *
 * @jsii ignore
 */
export function certificateFileFaults(ca: IConstruct, file: string): Fault[] {
  const fix = `set certificate to a path such as '${CA_FILE}'`;
  const normal = path.posix.normalize(file);
  if (!isCertificatePath(file, normal) || isInOutput(ca, file)) {
    return [
      {
        message: `certificate ${quoted(file)} is not the file of a certificate in this repository that synth leaves alone`,
        allowed:
          'a relative path that ends in .crt or .pem, of letters, digits, "-", "_", "." and "/", without "-" at the beginning of a part, outside of dist/ and .git/',
        fix,
      },
    ];
  }
  const owner = earlierOwner(ca, `certificate file ${normal}`);
  return owner === undefined
    ? []
    : [
        {
          message: `certificate ${quoted(file)} is the file of the CA ${quoted(owner.node.path)} too`,
          allowed: 'a file for each CA',
          fix: `${fix}, of its own`,
          symptom: 'x509: certificate signed by unknown authority',
        },
      ];
}

/** Returns whether a file is in the directory that cdk8s deletes before each synth. */
function isInOutput({ node }: IConstruct, file: string): boolean {
  const { outdir } = node.root as { outdir?: string };
  return outdir !== undefined && path.resolve(file).startsWith(path.resolve(outdir) + path.sep);
}

function isCertificatePath(file: string, normal: string): boolean {
  const parts = file.split('/');
  return (
    /^[A-Za-z0-9._/-]+\.(crt|pem)$/.test(file) &&
    path.posix.extname(file) !== '' &&
    !path.posix.isAbsolute(file) &&
    parts.every((part) => !part.startsWith('-')) &&
    !/^(\.\.|dist|\.git)\//i.test(normal)
  );
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

/** Returns the path of a file below the directory of the synth; undefined for a file elsewhere, which other machines may not have. */
export function inRepository(file: string): string | undefined {
  const relative = path.relative('.', file).split(path.sep).join('/');
  return relative.startsWith('../') || path.isAbsolute(relative) ? undefined : relative;
}
