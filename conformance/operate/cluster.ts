import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { program, Process, sourceOf, waitFor } from './programs';

/** The kinds of the controllers that cannot be built here. */
const IMAGE_KINDS = { ImageRepository: 'imagerepositories', ImagePolicy: 'imagepolicies', ImageUpdateAutomation: 'imageupdateautomations' };

/** An API server with etcd, and Flux's source-controller and kustomize-controller. No pod runs: there is no node. */
export class Cluster {
  static async start(folder: string, port: number): Promise<Cluster> {
    const cluster = new Cluster(folder, port);
    fs.mkdirSync(folder, { recursive: true });
    cluster.startEtcd();
    cluster.startServer();
    await waitFor('kube-apiserver', async () => cluster.kubectl('get', '--raw', '/readyz').status === 0);
    await waitFor('namespaces', async () => cluster.kubectl('get', 'namespace', 'default').status === 0);
    return cluster;
  }

  /** Returns a cluster that another process started. */
  static attach(folder: string, port: number): Cluster {
    return new Cluster(folder, port);
  }

  readonly kubeconfig: string;
  private readonly token = randomBytes(16).toString('hex');
  private readonly processes: Process[] = [];

  private constructor(
    private readonly folder: string,
    private readonly port: number,
  ) {
    this.kubeconfig = path.join(folder, 'kubeconfig');
    if (fs.existsSync(this.kubeconfig)) {
      return;
    }
    fs.mkdirSync(folder, { recursive: true });
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: `https://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user: { token: this.token } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    };
    fs.writeFileSync(this.kubeconfig, JSON.stringify(config), { mode: 0o600 });
  }

  /** Runs kubectl, and returns its result. */
  kubectl(...args: string[]) {
    const environment = { ...process.env, KUBECONFIG: this.kubeconfig };
    return spawnSync(program('kubectl'), args, { env: environment, encoding: 'utf8', timeout: 60_000 });
  }

  /** Runs kubectl, and returns what it prints. */
  must(...args: string[]): string {
    const { status, stdout, stderr } = this.kubectl(...args);
    if (status !== 0) {
      throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
    }
    return stdout;
  }

  /** Writes the kinds of Flux, as `flux install` does. */
  installKinds(): void {
    for (const name of ['source-controller', 'kustomize-controller']) {
      this.must('apply', '--server-side', '-f', path.join(sourceOf(name), 'config', 'crd', 'bases'));
    }
    const file = path.join(this.folder, 'kinds.json');
    fs.writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: Object.entries(IMAGE_KINDS).map(kindOf) }));
    this.must('apply', '--server-side', '-f', file);
  }

  /** Starts the controllers of Flux. */
  startFlux(ports: number): void {
    const storage = path.join(this.folder, 'storage');
    fs.mkdirSync(storage, { recursive: true });
    const common = ['--watch-all-namespaces', '--enable-leader-election=false', '--log-level=info'];
    const address = (name: string, offset: number) => `--${name}-addr=127.0.0.1:${ports + offset}`;
    this.run('source-controller', [...common, `--storage-path=${storage}`, address('storage', 0), address('storage-adv', 0), address('metrics', 1), address('health', 2)], { RUNTIME_NAMESPACE: 'flux-system' });
    this.run('kustomize-controller', [...common, '--requeue-dependency=1s', '--no-remote-bases', address('metrics', 3), address('health', 4)], { RUNTIME_NAMESPACE: 'flux-system' });
  }

  /** Plays the controllers and the kubelet: every workload reports that its pods are ready, every claim that it is bound. */
  startPods(): void {
    const { stdout } = this.kubectl('get', 'statefulsets,deployments,persistentvolumeclaims', '-A', '-o', 'json');
    for (const { kind, metadata, spec } of stdout === '' ? [] : JSON.parse(stdout).items) {
      const { generation: observedGeneration, name, namespace } = metadata;
      const count = spec.replicas ?? 1;
      const counts = { replicas: count, readyReplicas: count, availableReplicas: count, updatedReplicas: count };
      const revisions = kind === 'StatefulSet' ? { currentReplicas: count, currentRevision: 'a', updateRevision: 'a' } : {};
      const status =
        kind === 'PersistentVolumeClaim' ? { phase: 'Bound' } : { observedGeneration, ...counts, ...revisions };
      const patch = ['--subresource', 'status', '--type', 'merge', '--patch', JSON.stringify({ status })];
      this.kubectl('patch', kind.toLowerCase(), name, '--namespace', namespace, ...patch);
    }
  }

  async end(): Promise<void> {
    for (const each of this.processes.reverse()) {
      await each.end();
    }
  }

  private startEtcd(): void {
    const [client, peer] = [this.port + 1, this.port + 2].map((port) => `http://127.0.0.1:${port}`);
    const urls = [`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`, `--listen-peer-urls=${peer}`];
    const own = [`--initial-advertise-peer-urls=${peer}`, `--initial-cluster=one=${peer}`, '--unsafe-no-fsync'];
    this.run('etcd', ['--name=one', `--data-dir=${this.folder}/etcd`, ...urls, ...own, '--log-level=error']);
  }

  private startServer(): void {
    const folder = path.join(this.folder, 'server');
    fs.mkdirSync(folder, { recursive: true });
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const accounts = path.join(folder, 'accounts.pem');
    fs.writeFileSync(accounts, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
    fs.writeFileSync(path.join(folder, 'tokens.csv'), `${this.token},play,play,system:masters\n`, { mode: 0o600 });
    this.run('kube-apiserver', [
      `--etcd-servers=http://127.0.0.1:${this.port + 1}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${this.port}`,
      `--cert-dir=${folder}`,
      `--token-auth-file=${folder}/tokens.csv`,
      '--authorization-mode=RBAC',
      '--service-cluster-ip-range=10.2.0.0/16',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${accounts}`,
      `--service-account-signing-key-file=${accounts}`,
      '--allow-privileged=true',
      '--endpoint-reconciler-type=none',
      // Their controllers do not run here: accounts and the claims' finalizers would be waited for without end.
      '--disable-admission-plugins=ServiceAccount,StorageObjectInUseProtection',
    ]);
  }

  private run(name: string, args: string[], environment: NodeJS.ProcessEnv = {}): void {
    const all = { KUBECONFIG: this.kubeconfig, ...environment };
    this.processes.push(Process.start(name, program(name), args, { folder: this.folder, environment: all }));
  }
}

function kindOf([kind, plural]: [string, string]): object {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.image.toolkit.fluxcd.io` },
    spec: {
      group: 'image.toolkit.fluxcd.io',
      scope: 'Namespaced',
      names: { kind, plural },
      versions: [{ name: 'v1', served: true, storage: true, subresources: { status: {} }, schema }],
    },
  };
}
