import { ApiObject } from 'cdk8s';
import { IConstruct } from 'constructs';
import { pullRequestsAt } from '../flux';
import { ChartModel, ImageUse, leadsToPods, Manifests, Model } from '../model';
import { pullSecret, Registry } from '../registry';
import { lazily, Problem, Problems, quoted } from '../support';
import { Images } from './images';

/** A wish that the pods of a ServiceAccount can pull from a registry. */
interface Wish {
  readonly registry: Registry;
  readonly namespace: string;
  readonly serviceAccount: string;
  /** The construct under which a new account is created, and that needs the Secret. */
  readonly construct: IConstruct;
  readonly chart: ChartModel;
  /** True if the program asks for the account itself, so that the account may be created elsewhere. */
  readonly isExplicit: boolean;
}

/** The pull Secrets of each account that this class created, by cluster, so that a second synth creates nothing. */
const accounts = new WeakMap<IConstruct, Map<string, string[]>>();

/** The names of the Secrets that a cluster, or a construct that asked, has received. */
const provided = new WeakMap<IConstruct, Map<string, string | undefined>>();

/**
 * The access of pods to the registries of their images. The Secret goes to the ServiceAccount of the pods, since
 * Kubernetes adds the Secrets of the account to every pod that names none itself.
 *
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#add-imagepullsecrets-to-a-service-account
 *
 * @jsii ignore
 */
export class PullAccess {
  private readonly added = new Map<ApiObject, Set<string>>();
  /** The ServiceAccounts that the program creates itself, by cluster, namespace and name. */
  private readonly programAccounts = new Map<unknown, Map<string, ApiObject>>();
  private isNew = false;

  constructor(
    private readonly model: Model,
    private readonly manifests: Manifests,
    private readonly images: Images,
  ) {}

  /**
   * Creates the accounts and Secrets that the pods of these uses need, and records pods that cannot pull.
   *
   * @returns whether anything was created
   */
  prepare(uses: readonly ImageUse[], problems: Problems): boolean {
    const wishes = [...this.requested(), ...uses.flatMap((use) => this.wishOf(use))].sort(byLayer);
    const explicit = new Set(wishes.filter(({ isExplicit }) => isExplicit).map(accountOf));
    for (const wish of wishes) {
      problems.collect(() => this.grant(wish, explicit.has(accountOf(wish)), problems));
    }
    return this.isNew;
  }

  /** Returns the names of the Secrets that are added to a ServiceAccount of the program. */
  addedTo(object: ApiObject): string[] {
    return [...(this.added.get(object) ?? [])].sort();
  }

  private requested(): Wish[] {
    return this.model.pullRequests.flatMap(({ construct, chart }) =>
      pullRequestsAt(construct).flatMap(({ registry, serviceAccount, namespace }) =>
        namespace === undefined ? [] : [{ registry, serviceAccount, namespace, construct, chart, isExplicit: true }],
      ),
    );
  }

  private wishOf(use: ImageUse): Wish[] {
    const { image, object, chart, namespace, pod } = use;
    const policy = this.images.policyOf(image, chart.cluster);
    const namesSecrets = pod !== undefined && pod.pullSecrets.length > 0;
    if (policy === undefined || namespace === undefined || namesSecrets || !leadsToPods(use)) {
      return [];
    }
    const registry = policy._props.repository._registry;
    const serviceAccount = pod?.serviceAccount ?? 'default';
    return [{ registry, namespace, serviceAccount, construct: object, chart, isExplicit: false }];
  }

  private grant(wish: Wish, isExplicit: boolean, problems: Problems): void {
    const { registry, namespace, serviceAccount, construct, chart } = wish;
    if (registry.credentials === undefined && !isExplicit) {
      return;
    }
    const own = this.accountOf(wish);
    const known = accountsOf(chart.cluster ?? construct.node.root);
    const key = accountOf(wish);
    if (own === undefined && !known.has(key) && serviceAccount !== 'default' && !isExplicit) {
      problems.add(noAccount(wish));
      return;
    }
    const place = ApiObject.isApiObject(construct) ? chart.chart : construct;
    const secret = this.secretFor(place, wish);
    if (secret === undefined) {
      return;
    }
    if (own !== undefined) {
      this.added.set(own, (this.added.get(own) ?? new Set()).add(secret));
      return;
    }
    if (!known.has(key)) {
      known.set(key, newAccount(place, namespace, serviceAccount));
      this.isNew = true;
    }
    const secrets = known.get(key)!;
    if (!secrets.includes(secret)) {
      secrets.push(secret);
    }
  }

  private secretFor(construct: IConstruct, wish: Wish): string | undefined {
    const { registry, namespace, isExplicit, chart } = wish;
    const known = secretsOf(isExplicit ? construct : (chart.cluster ?? construct.node.root));
    const key = `${registry.pull.host} ${registry.credentials?.secretName ?? ''} ${namespace}`;
    if (!known.has(key)) {
      this.isNew = true;
      const secret = pullSecret(construct, registry, namespace);
      known.set(key, secret);
      secretsOf(chart.cluster ?? construct.node.root).set(key, secret);
    }
    return known.get(key);
  }

  private accountOf(wish: Wish): ApiObject | undefined {
    const { cluster } = wish.chart;
    const known = this.programAccounts.get(cluster) ?? this.accountsIn(cluster);
    this.programAccounts.set(cluster, known);
    return known.get(accountOf(wish));
  }

  private accountsIn(cluster: ChartModel['cluster']): Map<string, ApiObject> {
    const found = new Map<string, ApiObject>();
    for (const chart of [...this.model.charts.values()].filter((each) => each.cluster === cluster)) {
      for (const object of chart.objects.filter(({ kind }) => kind === 'ServiceAccount').filter((o) => !isOurs(o))) {
        const namespace = this.manifests.tryOf(object)?.metadata?.namespace ?? chart.chart.namespace;
        const key = accountOf({ namespace: String(namespace), serviceAccount: object.name, chart });
        found.set(key, found.get(key) ?? object);
      }
    }
    return found;
  }
}

const OURS = 'PullAccess';

function isOurs(object: ApiObject): boolean {
  return object.node.id.startsWith(OURS);
}

function newAccount(construct: IConstruct, namespace: string, name: string): string[] {
  const secrets: string[] = [];
  const id = name === 'default' ? OURS : `${OURS}-${name}`;
  const scope = construct as ConstructorParameters<typeof ApiObject>[0];
  new ApiObject(scope, scope.node.tryFindChild(id) ? `${id}-${namespace}` : id, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      name,
      namespace,
      annotations: { 'kustomize.toolkit.fluxcd.io/ssa': 'Merge', 'kustomize.toolkit.fluxcd.io/prune': 'disabled' },
    },
    imagePullSecrets: lazily(() => [...secrets].sort().map((secret) => ({ name: secret }))),
  });
  return secrets;
}

function accountsOf(realm: IConstruct): Map<string, string[]> {
  return entryOf(accounts, realm);
}

function secretsOf(realm: IConstruct): Map<string, string | undefined> {
  return entryOf(provided, realm);
}

function entryOf<T>(all: WeakMap<IConstruct, Map<string, T>>, realm: IConstruct): Map<string, T> {
  const known = all.get(realm) ?? new Map<string, T>();
  all.set(realm, known);
  return known;
}

function accountOf({ chart, namespace, serviceAccount }: Pick<Wish, 'chart' | 'namespace' | 'serviceAccount'>): string {
  return `${chart.cluster?.node.path ?? ''} ${namespace} ${serviceAccount}`;
}

/** Orders wishes so that an account is created in the earliest layer that needs it, whatever was declared first. */
function byLayer(a: Wish, b: Wish): number {
  const place = ({ chart, construct }: Wish) => [
    chart.layer.order,
    ApiObject.isApiObject(construct) ? 1 : 0,
    construct.node.path,
  ];
  const [left, right] = [place(a), place(b)];
  const at = left.findIndex((value, i) => value !== right[i]);
  return at < 0 ? 0 : left[at] < right[at] ? -1 : 1;
}

function noAccount({ construct, namespace, serviceAccount, registry }: Wish): Problem {
  return {
    code: 'FORGE-APP-011',
    message: `the pods of ${quoted(construct.node.path)} run as ServiceAccount ${quoted(`${namespace}/${serviceAccount}`)}, which this app does not create, so they cannot pull from ${registry.pull.host}`,
    fix: `create the ServiceAccount in this app, call image.allowPull(chart, ${quoted(serviceAccount)}) if something else creates the account, or set imagePullSecrets in the pod`,
    symptom: 'ErrImagePull: pull access denied, or 401 Unauthorized',
    path: construct.node.path,
  };
}
