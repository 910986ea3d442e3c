import { Construct } from 'constructs';
import {
  advise,
  Advice,
  command,
  constructed,
  handedOver,
  markOutside,
  scriptText,
  shellWord,
  succeeds,
} from '../../support';
import { HostFiles } from '../host-files';
import { hostName } from '../host-name';
import { AUTHORITIES } from '../local/local-cluster';
import { NodeProps } from '../node/node-props';
import { NodeSetup } from '../node/node-setup';
import { sysctlLines } from '../node/sysctl';
import { certificateFiles } from './k3s-files';

/** First line of `registries.yaml`, by which the script knows its own file. */
const MARK = '# Written by cdk8s-forge. Do not edit: install.sh replaces it.';

/**
 * A machine that is a node of K3s: `registries.yml`, the certificates and `install.sh` in `host/<name>/` of the output. The script
 * makes the node trust the private CAs of the registries, use their mirrors, and allow what rootless builders need.
 *
 * Run the script on every node. The script can run again at any time: it changes only what differs, and says if K3s must
 * be restarted.
 *
 * @see https://docs.k3s.io/installation/private-registry
 *
 * @example
 *
 * new K3sNode(app, 'node', { registries: [registry], builders: [buildkitd] });
 */
export class K3sNode extends Construct {
  /** Name of the directory below `host/`. */
  readonly name: string;

  /**
   * @throws FORGE-TRUST-011 for a CA bundle that is in a cluster
   */
  constructor(scope: Construct, id: string, props: NodeProps = {}) {
    const made = constructed(K3sNode, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    markOutside(this);
    this.name = hostName(this);
    const setup = new NodeSetup(this, props);
    const files = new HostFiles(this, this.name);
    files.add('registries.yml', `${MARK}\n${setup.config.k3sRegistriesYaml}`);
    Object.entries(certificateFiles(setup)).forEach(([file, pem]) => files.add(file, pem));
    Object.entries(setup.authorities).forEach(([name, pem]) => files.add(`${AUTHORITIES}/${name}.crt`, pem));
    files.add('install.sh', this.script(setup), { executable: true });
    advise(this, () => this.advice());
  }

  private script(setup: NodeSetup): string {
    return [
      '#!/usr/bin/env bash',
      'set -euo pipefail',
      `NAME=${shellWord(this.name)}`,
      `MARK=${shellWord(MARK)}`,
      `CERTIFICATES=${shellWord(Object.keys(certificateFiles(setup)).join('\n'))}`,
      `AUTHORITIES=${shellWord(Object.keys(setup.authorities).join('\n'))}`,
      `SYSCTLS=${shellWord(sysctlLines(setup.sysctls))}`,
      scriptText(__dirname, 'install-k3s.sh'),
    ].join('\n');
  }

  private advice(): Advice {
    const about = `Nodes of K3s \`${this.name}\``;
    const script = command`bash ${`dist/host/${this.name}/install.sh`}`;
    return {
      byHand: [
        {
          title: about,
          isFirst: true,
          text: 'Run the script on every node, before or after K3s is installed, and again after each change. The script says if K3s must be restarted; pods continue to run.',
          commands: [command`sudo ${script}`],
        },
      ],
      checks: [
        {
          about,
          title: 'On a node: the files of K3s and the kernel are as declared',
          good: '`up to date`',
          symptom: 'x509: certificate signed by unknown authority',
          commands: [command`${script} check`],
          expect: succeeds(),
        },
      ],
    };
  }
}
