import { Construct } from 'constructs';
import { stringify } from 'yaml';
import { advise, Advice, command, constructed, handedOver, markOutside, succeeds } from '../../support';
import { HostFiles } from '../host-files';
import { hostName } from '../host-name';
import { NodeProps } from '../node/node-props';
import { NodeSetup } from '../node/node-setup';

/**
 * A machine of Talos Linux: `patch.yml` in `host/<name>/` of the output is a patch of the machine configuration. With the
 * patch, the node trusts the private CAs of the registries, uses their mirrors, and allows what rootless builders need.
 *
 * The patch has `machine.registries`, which Talos reads in every version; `RegistryMirrorConfig` documents of newer versions say the
 * same. CAs of token servers need Talos 1.7 or newer.
 *
 * @see https://docs.siderolabs.com/talos/latest/configure-your-talos-cluster/system-configuration/patching
 *
 * @example
 *
 * new TalosNode(app, 'node', { registries: [registry], builders: [buildkitd] });
 */
export class TalosNode extends Construct {
  /** Name of the directory below `host/`. */
  readonly name: string;

  /**
   * @throws FORGE-TRUST-011 for a CA bundle that is in a cluster
   */
  constructor(scope: Construct, id: string, props: NodeProps = {}) {
    const made = constructed(TalosNode, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    markOutside(this);
    this.name = hostName(this);
    const setup = new NodeSetup(this, props);
    new HostFiles(this, this.name).add('patch.yml', documentsOf(setup).map(text).join('---\n'));
    advise(this, () => this.advice());
  }

  private advice(): Advice {
    const about = `Nodes of Talos \`${this.name}\``;
    const node = command`talosctl --nodes "$NODE"`;
    return {
      byHand: [
        {
          title: about,
          isFirst: true,
          text: 'Apply the patch to every node. Set `NODE` to its address. Talos applies registries and the kernel without a restart. If the patch has a `TrustedRootsConfig`, restart the node after a change of its CAs, with `talosctl reboot`: containerd reads them at its start.',
          commands: [command`${node} patch machineconfig --patch ${`@dist/host/${this.name}/patch.yml`}`],
        },
      ],
      checks: [
        {
          about,
          title: 'Every node is in the state `running`',
          good: '`running`',
          commands: [command`${node} get machinestatus --output 'jsonpath={.spec.stage}'`],
          expect: succeeds(),
        },
      ],
    };
  }
}

/** Returns the documents of the patch. Talos has no setting of AppArmor, which only some kernels have. */
function documentsOf({ config, sysctls, authorities }: NodeSetup): Record<string, unknown>[] {
  const registries = config._talosRegistries;
  const kernel = sysctls.filter(({ isOptional }) => !isOptional).map(({ name, value }) => [name, String(value)]);
  const machine = {
    ...(Object.keys(registries).length > 0 ? { registries } : {}),
    ...(kernel.length > 0 ? { sysctls: Object.fromEntries(kernel) } : {}),
  };
  const roots = Object.values(authorities).map((pem) => (pem.endsWith('\n') ? pem : `${pem}\n`));
  return [
    { machine },
    ...(roots.length > 0
      ? [{ apiVersion: 'v1alpha1', kind: 'TrustedRootsConfig', name: 'cdk8s-forge', certificates: roots.join('') }]
      : []),
  ];
}

function text(document: Record<string, unknown>): string {
  return stringify(document, { lineWidth: 0 });
}
