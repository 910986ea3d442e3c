import * as fs from 'node:fs';
import * as path from 'node:path';
import { Construct } from 'constructs';
import { authorityCheck, CA_FILE, CaBundle, certificateFileFaults, serverNameFaults } from '../../trust';
import {
  advise,
  Advice,
  command,
  constructed,
  ForgeError,
  handedOver,
  markOutside,
  Problem,
  Problems,
  quoted,
  scriptText,
  shellWord,
  succeeds,
} from '../../support';
import { HostFiles } from '../host-files';
import { hostName } from '../host-name';
import { PrivateCaProps } from './private-ca-props';

const SERVER_DAYS = 397;
/** As the script has it. */
const RENEW_DAYS = 30;
const CODE = 'FORGE-HOST-012';

/**
 * A private CA, and the certificate of one server, that a script with openssl creates on a machine. The script is
 * `host/<name>/ca.sh` of the output. The private keys stay on the machine, outside of the repository.
 *
 * Pass `caBundle` to every client. The first run of `create` must be before the first synth with `caBundle`; the error
 * FORGE-HOST-013 has the command.
 *
 * @example
 *
 * const ca = new PrivateCa(app, 'ca', { names: ['host.docker.internal', '127.0.0.1'] });
 */
export class PrivateCa extends Construct {
  /** Name of the directory below `host/`. */
  readonly name: string;

  /** DNS names and IP addresses of the server. */
  readonly names: string[];

  /** File of this repository with the certificate of the CA. */
  readonly certificate: string;

  private readonly subject: string;
  private readonly days: number;
  private bundle?: CaBundle;

  /**
   * @throws FORGE-HOST-012 for names that a certificate cannot have, a file that is no certificate of the repository, or that of another
   * CA, and a validity that clients refuse
   */
  constructor(scope: Construct, id: string, props: PrivateCaProps) {
    const made = constructed(PrivateCa, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    markOutside(this);
    this.name = hostName(this);
    this.names = [...props.names];
    this.certificate = props.certificate ?? CA_FILE;
    this.subject = props.subject ?? this.name;
    this.days = props.validity?.toDays({ integral: false }) ?? SERVER_DAYS;
    const problems = new Problems(this.node.path);
    this.faults().forEach((fault) => problems.add({ code: CODE, ...fault }));
    problems.throwIfAny();
    new HostFiles(this, this.name).add('ca.sh', this.script('"$(dirname "${BASH_SOURCE[0]}")"/../../..'), {
      executable: true,
    });
    advise(this, () => this.advice());
  }

  /**
   * The certificate of the CA, for every client. The file is read at the first use.
   *
   * @throws FORGE-HOST-013 if the script has not created the file yet; FORGE-TRUST-001 … 008 if the file is not a CA
   */
  get caBundle(): CaBundle {
    if (this.bundle === undefined) {
      if (!fs.existsSync(this.certificate)) {
        throw this.missing();
      }
      this.bundle = CaBundle.fromFile(this.certificate);
    }
    return this.bundle;
  }

  private missing(): ForgeError {
    const script = path.relative(process.cwd(), path.join(__dirname, 'scripts', 'create-ca.sh'));
    const { certificate, name, subject, days, names } = this;
    const create = command`bash ${script} ${certificate} ${name} ${subject} ${days} ${names}`.text;
    return ForgeError.at(this, {
      code: 'FORGE-HOST-013',
      message: `the certificate ${quoted(certificate)} of the private CA does not exist yet`,
      fix: `create the CA: ${create}, and commit ${certificate}`,
      command: create,
      symptom: 'x509: certificate signed by unknown authority',
    });
  }

  private faults(): Omit<Problem, 'code'>[] {
    const { names, certificate, subject, days } = this;
    return [
      ...serverNameFaults(names),
      ...certificateFileFaults(this, certificate),
      ...(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,49}$/.test(subject)
        ? []
        : [
            {
              message: `subject ${quoted(subject)} is not the name of a CA`,
              fix: 'set at most 50 letters, digits, blanks, "-", "_" and "."',
            },
          ]),
      ...(Number.isInteger(days) && days > RENEW_DAYS && days <= 825
        ? []
        : [
            {
              message: `validity is ${days} days`,
              allowed: 'a whole number of days, from 31 to 825',
              fix: 'set Duration.days(397)',
            },
          ]),
    ];
  }

  /** Returns the script; `root` is the directory of the repository, as a word of Bash. */
  private script(root: string): string {
    return [
      '#!/usr/bin/env bash',
      'set -euo pipefail',
      `cd ${root}`,
      `CERTIFICATE=${shellWord(this.certificate)}`,
      `NAMES=${shellWord(this.names.join('\n'))}`,
      `SUBJECT=${shellWord(this.subject)}`,
      `KEYS=\${KEYS:-$HOME/.local/share/cdk8s-forge/${this.name}}`,
      `SERVER_DAYS=${this.days}`,
      scriptText(__dirname, 'private-ca.sh'),
    ].join('\n');
  }

  private advice(): Advice {
    const { name, certificate } = this;
    const about = `Private CA \`${name}\``;
    const script = command`bash ${`dist/host/${name}/ca.sh`}`;
    return {
      byHand: [
        {
          title: about,
          isFirst: true,
          text: `Run the script on the machine of the server. Run the script again at least ${RENEW_DAYS} days before the server's certificate expires, then restart the server. The CA and the keys stay the same. Back up the directory of the keys: who has \`ca.key\` can issue certificates that all clients trust.`,
          commands: [script],
        },
      ],
      checks: [
        authorityCheck(about, certificate),
        {
          about,
          title: `On the machine with the keys: the server's certificate is valid for another ${RENEW_DAYS} days`,
          good: '`OK`',
          symptom: 'x509: certificate has expired or is not yet valid',
          commands: [command`${script} check`],
          expect: succeeds(),
        },
      ],
    };
  }
}
