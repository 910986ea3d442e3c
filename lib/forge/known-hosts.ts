import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { constructed, handedOver, objectName } from '../support';
import { SshEndpoint } from './ssh-endpoint';

/** A set of options that configures the known_hosts file of a ConfigMap. */
export interface KnownHostsProps {
  /** SSH servers, with their host keys. */
  readonly endpoints: SshEndpoint[];
}

/**
 * A ConfigMap that contains a `known_hosts` file. The file lists each server's keys under every address of the server.
 * SSH looks up a key under the address that the client uses, including the port.
 *
 * @example
 *
 * const ssh = SshEndpoint.of('git.example.com', 30022, {
 *   aliases: ['gitea-ssh.gitea.svc.cluster.local:22'],
 *   hostKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f'],
 * });
 * new KnownHosts(chart, 'known-hosts', { endpoints: [ssh] });
 */
export class KnownHosts extends Construct {
  /** Name of the ConfigMap. The key is `known_hosts`. */
  readonly name: string;

  /**
   * @throws FORGE-FRG-006 if no host key of a server is known
   */
  constructor(scope: Construct, id: string, props: KnownHostsProps) {
    const made = constructed(KnownHosts, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    this.name = objectName(this);
    const text = props.endpoints.map((endpoint) => endpoint.knownHosts).join('');
    new ApiObject(this, 'Resource', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: this.name },
      data: { known_hosts: text },
    });
  }
}
