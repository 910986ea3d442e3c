import { ForgeError, frozenList, quoted } from '../support';

/** A set of options that configures an SSH endpoint. */
export interface SshEndpointProps {
  /**
   * Other addresses of the same server, `host` or `host:port`. A client looks up a host key under the exact address
   * that it uses.
   *
   * @default - none
   */
  readonly aliases?: string[];

  /**
   * Public host keys of the server, in the format that `ssh-keyscan` prints after the host: `ssh-ed25519 AAAA…`.
   *
   * @default - none; then there is no known_hosts file
   */
  readonly hostKeys?: string[];
}

/**
 * An address at which a forge accepts Git over SSH.
 *
 * @example
 *
 * SshEndpoint.of('host.docker.internal', 30022, { aliases: ['127.0.0.1'] });
 */
export class SshEndpoint {
  /**
   * @param host host name or IPv4 address
   * @param port port, 1 to 65535
   * @throws FORGE-FRG-005 if an address is not one, FORGE-FRG-006 if a host key is not one
   */
  static of(host: string, port: number, props: SshEndpointProps = {}): SshEndpoint {
    return new SshEndpoint(host, port, props);
  }

  /** Other addresses of the same server. */
  readonly aliases: string[];

  /** Public host keys of the server. */
  readonly hostKeys: string[];

  private constructor(
    /** Host name or IPv4 address. */
    readonly host: string,
    /** TCP port. */
    readonly port: number,
    props: SshEndpointProps,
  ) {
    this.aliases = frozenList(props.aliases ?? []);
    this.hostKeys = frozenList((props.hostKeys ?? []).map(checkedKey));
    [`${host}:${port}`, ...this.aliases].forEach((address) => addressParts(address, port));
  }

  /**
   * Text of a known_hosts file with every address of the server and every key.
   *
   * @throws FORGE-FRG-006 if no host key was given
   * @see https://man.openbsd.org/sshd#SSH_KNOWN_HOSTS_FILE_FORMAT
   */
  get knownHosts(): string {
    if (this.hostKeys.length === 0) {
      throw badKey(`no host key of ${this.host} is known`);
    }
    const addresses = [`${this.host}:${this.port}`, ...this.aliases].map((address) => {
      const [host, port] = addressParts(address, this.port);
      return port === 22 ? host : `[${host}]:${port}`;
    });
    return [...new Set(addresses)].flatMap((address) => this.hostKeys.map((key) => `${address} ${key}\n`)).join('');
  }
}

const KEY_TYPES = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
];

function addressParts(address: string, defaultPort: number): [string, number] {
  const parts = /^([a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?)(?::([1-9]\d{0,4}))?$/.exec(address);
  const port = Number(parts?.[2] ?? defaultPort);
  if (parts && !parts[1].includes('..') && Number.isInteger(port) && port >= 1 && port <= 65535) {
    return [parts[1].toLowerCase(), port];
  }
  throw ForgeError.of({
    code: 'FORGE-FRG-005',
    message: `${quoted(address)} is not the address of an SSH server`,
    allowed: 'a host name or IPv4 address and a port from 1 to 65535; no "ssh://", no user, no path',
    fix: "write SshEndpoint.of('git.example.com', 22, { aliases: ['gitea-ssh.gitea.svc.cluster.local:22'] })",
  });
}

/** Checks a host key and returns it. A key is its type and a base64 blob that begins with the same type. */
function checkedKey(key: string): string {
  const parts = /^(\S+) ([A-Za-z0-9+/]+={0,2})(?: [^\r\n]*)?$/.exec(key);
  if (/PRIVATE KEY/.test(key)) {
    throw badKey('a private key was given (not shown)');
  }
  if (!parts || !KEY_TYPES.includes(parts[1])) {
    throw badKey(`${quoted(key)} is not a public host key`);
  }
  const blob = Buffer.from(parts[2], 'base64');
  const length = blob.length > 4 ? blob.readUInt32BE(0) : -1;
  if (
    blob.toString('base64') !== parts[2] ||
    blob.subarray(4, 4 + length).toString('latin1') !== parts[1] ||
    blob.length <= 4 + length
  ) {
    throw badKey(`${quoted(key)} says ${parts[1]}, but its key does not`);
  }
  return `${parts[1]} ${parts[2]}`;
}

function badKey(message: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-FRG-006',
    message,
    allowed: `type and key as in known_hosts, of type ${KEY_TYPES.slice(0, 5).join(', ')} …`,
    fix: "take the lines of `ssh-keyscan -p <port> <host>`, compare them with the server's own, and leave out the host in front",
    symptom: 'Host key verification failed.',
  });
}
