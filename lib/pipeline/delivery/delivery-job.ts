import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { JobSpec } from 'kubernetes-types/batch/v1';
import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import { Cluster, ContentName } from '../../flux';
import { TokenAccess, TokenResource } from '../../forge';
import { checkIdentity, Identity, identityOf, labelSelector, openPod, placementSpec, podSecurityOf } from '../../kube';
import { OutputFile } from '../../output';
import {
  Advice,
  advise,
  awaits,
  command,
  constructed,
  fingerprint,
  ForgeError,
  handedOver,
  lazily,
  namespaceOf,
  pinnedImage,
  PINS,
  scriptText,
} from '../../support';
import { DeliveryJobProps } from './delivery-props';

/** An image with Node.js, the only requirement. */
const IMAGE = pinnedImage(PINS.images.node);
const FOLDER = '/etc/delivery';
const CONTAINER = 'delivery';
const SCRIPT = 'deliver.mjs';
const USER = 1000;

/**
 * A Job that commits the files of the program for a repository, by the API of the forge. The files are in a ConfigMap. A change
 * of a file changes the name of the Job, so that Flux runs the new Job and prunes the old one.
 *
 * The Job commits only what differs, and only if nobody changed the file, as `cdk8s-forge deliver` does. Files of the same
 * directories that the program no longer makes are deleted. If a file was changed by somebody, the Job fails and names the
 * file. The Job has the token of the repository and no access to the API server.
 *
 * @example
 *
 * new DeliveryJob(chart, 'delivery', { repository, token: SecretSource.existing('repo-token') });
 */
export class DeliveryJob extends Construct {
  /** Name of the Job, without its suffix. */
  readonly name: string;

  private readonly identity: Identity;
  private readonly props: DeliveryJobProps;
  private readonly tokenSecret: string;

  /**
   * @throws FORGE-FLUX-002 outside of a Cluster: the commits name the repository of the cluster; at synth, FORGE-PIPE-017 if the
   * program has no files for the repository
   */
  constructor(scope: Construct, id: string, props: DeliveryJobProps) {
    const made = constructed(DeliveryJob, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    this.props = { ...props };
    this.identity = identityOf(this, 'workflow-delivery', props.workload);
    checkIdentity(this, this.identity, 'Job');
    this.name = this.identity.name;
    const source = Cluster.of(this).source.repository.fullName;
    const { repository, token } = props;
    this.tokenSecret = token.provide(this, {
      purpose: `${this.name} commits workflow files to ${repository.fullName}`,
      type: 'Opaque',
      keys: ['token'],
      readsAnyKey: true,
      tokenScope: repository.forge.product.tokenScope(TokenResource.REPOSITORY, TokenAccess.WRITE),
      forgeUrl: repository.forge.url,
    });
    const data = lazily(() => this.data());
    const withoutVariables = { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' };
    const metadata = { name: `${this.name}-files`, annotations: withoutVariables };
    new ApiObject(this, 'Files', { apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
    this.makeJob(source);
    this.node.addValidation({ validate: () => this.problems() });
    advise(this, () => this.advice());
  }

  private makeJob(source: string): void {
    const pod = openPod(this, this.pod(source), { options: this.props.pod, main: [CONTAINER] });
    podSecurityOf(pod).mark(this);
    const { labels, givenMetadata } = this.identity;
    const content = lazily(() => fingerprint(JSON.stringify(this.data())));
    const annotations = { ...givenMetadata.pod.annotations, 'cdk8s-forge/content-hash': content };
    const spec: JobSpec = {
      backoffLimit: 3,
      template: { metadata: { labels: { ...givenMetadata.pod.labels, ...labels }, annotations }, spec: pod },
    };
    ContentName.mark(
      new ApiObject(this, 'Resource', {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: this.name, ...givenMetadata.workload },
        spec,
      }),
    );
  }

  private problems(): string[] {
    if (this.files.length > 0) {
      return [];
    }
    throw ForgeError.at(this, {
      code: 'FORGE-PIPE-017',
      message: `the program has no files for ${this.props.repository.fullName}, so that there is nothing to deliver`,
      allowed: 'a repository of a Workflow, CompositeAction or ImagePipeline, other than the repository of the program',
      fix: 'remove the delivery, or set repository to one with files',
    });
  }

  /** The files that the program has for the repository, by their path in the repository. */
  private get files(): OutputFile[] {
    return OutputFile._below(this, this.directory);
  }

  private get directory(): string {
    return `repositories/${this.props.repository.fullName}`;
  }

  private data(): Record<string, string> {
    const texts = new Map(
      this.files.map((file) => [file.path.slice(this.directory.length + 1), file._checkedContent()]),
    );
    const plan = { repositories: [{ name: this.props.repository.fullName, files: [...texts.keys()] }] };
    return {
      [SCRIPT]: scriptText(__dirname, SCRIPT),
      'plan.json': `${JSON.stringify(plan, null, 2)}\n`,
      ...Object.fromEntries([...texts].map(([path, text]) => [path.replace(/\//g, '..'), text])),
    };
  }

  private pod(source: string): PodSpec {
    const authority = this.props.repository.forge.internalTrust.caBundle?._volume(this);
    return {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy: 'Never',
      securityContext: {
        runAsNonRoot: true,
        runAsUser: USER,
        runAsGroup: USER,
        fsGroup: USER,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...placementSpec(this.props.placement),
      containers: [this.container(source, authority && { file: authority.file, volume: authority.volume.name })],
      volumes: [
        { name: 'files', configMap: { name: `${this.name}-files` } },
        {
          name: 'token',
          secret: {
            secretName: this.tokenSecret,
            items: [{ key: this.props.token.keyOf('token'), path: 'token' }],
            defaultMode: 0o440,
          },
        },
        ...(authority ? [authority.volume] : []),
      ],
    };
  }

  private container(source: string, authority?: { readonly file: string; readonly volume: string }): Container {
    const { forge } = this.props.repository;
    return {
      name: CONTAINER,
      image: IMAGE,
      command: ['node', `${FOLDER}/files/${SCRIPT}`],
      env: [
        { name: 'API_URL', value: forge.product.apiUrl(forge.internalUrl, '').replace(/\/$/, '') },
        { name: 'PRODUCT', value: forge.product.name },
        { name: 'SOURCE', value: source },
        { name: 'TOKEN_FILE', value: `${FOLDER}/token/token` },
        { name: 'PLAN_FILE', value: `${FOLDER}/files/plan.json` },
        { name: 'TEXTS_FOLDER', value: `${FOLDER}/files` },
        { name: 'FLAT', value: 'yes' },
        ...(authority ? [{ name: 'NODE_EXTRA_CA_CERTS', value: `${FOLDER}/ca/${authority.file}` }] : []),
      ],
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
      resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '256Mi' } },
      volumeMounts: [
        ...['files', 'token'].map((name) => ({ name, mountPath: `${FOLDER}/${name}`, readOnly: true })),
        ...(authority ? [{ name: authority.volume, mountPath: `${FOLDER}/ca`, readOnly: true }] : []),
      ],
    };
  }

  private advice(): Advice {
    const kubectl = command`kubectl --namespace ${namespaceOf(this)}`;
    const pods = command`--selector ${labelSelector(this.identity.labels)}`;
    const { fullName } = this.props.repository;
    return {
      checks: [
        {
          about: `Delivery to \`${fullName}\``,
          title: 'The Job has committed the files',
          good: 'COMPLETIONS is `1/1`',
          commands: [command`${kubectl} get jobs ${pods}`],
          ...awaits(kubectl, command`jobs ${pods}`, 'complete'),
        },
      ],
      symptoms: [
        {
          seen: `\`was changed there\` in the log of a delivery`,
          cause: 'Somebody changed the file in its repository, or the file is not from this program.',
          fix: 'Delete the file in its repository, or overwrite it with `npx cdk8s-forge deliver --force-file`. Then delete the Job: Flux creates it again.',
          look: [command`${kubectl} logs ${pods}`],
        },
      ],
    };
  }
}
