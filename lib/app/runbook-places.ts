import { Cluster } from '../flux';
import { ChartModel, Model } from '../model';

/**
 * The paths of the charts that use each image, by the path of the image's policy.
 *
 * @jsii ignore
 */
export type ImageUsers = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * The place of an entry in a divided runbook.
 *
 * @jsii ignore
 */
export interface Place {
  /** The page, without its directory and extension. @default - the first page */
  readonly page?: string;
  /** The words in the title of the page. */
  readonly title: string;
  /** The cluster that the entry is about. @default - none or several */
  readonly cluster?: Cluster;
  /** The path within the page, by which a page that is too large is divided. */
  readonly path: string;
}

/**
 * The places of constructs in a divided runbook. The path of a construct decides, and its layer: nothing that another
 * construct could change.
 *
 * @jsii ignore
 */
export class Places {
  private readonly charts = new Map<string, ChartModel>();
  private readonly clusters = new Map<string, Cluster>();
  private readonly outer = new Set<string>();
  private readonly users = new Map<string, string>();
  private readonly known = new Map<string, Place>();

  constructor(model: Model, imageUsers: ImageUsers) {
    model.charts.forEach((chart) => this.charts.set(chart.chart.node.path, chart));
    for (const cluster of model.clusters) {
      this.clusters.set(cluster.node.path, cluster);
      cluster.node.scopes.slice(0, -1).forEach((scope) => this.outer.add(scope.node.path));
    }
    for (const { construct } of model.images) {
      const [user, ...others] = imageUsers.get(construct.node.path) ?? [];
      const scope = this.imageScopeOf(construct.node.path);
      if (user !== undefined && others.length === 0 && scope !== undefined) {
        this.users.set(scope, `${user}/${scope.slice(scope.lastIndexOf('/') + 1)}`);
      }
    }
  }

  /** Returns the place of an entry: that of the innermost construct which contains all its constructs. */
  of(owners: readonly string[]): Place {
    const path = commonPath([...new Set(owners)].map((owner) => this.userOf(owner)));
    const place = this.known.get(path) ?? this.placeOf(path);
    this.known.set(path, place);
    return place;
  }

  private placeOf(path: string): Place {
    const [chart, cluster] = [nearest(path, this.charts), nearest(path, this.clusters)];
    if (cluster === undefined) {
      return this.outer.has(path) || path === ''
        ? { title: 'all clusters', path }
        : { page: 'no_cluster', title: 'outside of the clusters', path };
    }
    const { name, node } = cluster;
    const place = { cluster, path: path.slice(node.path.length + 1) };
    const title = `cluster \`${name}\``;
    if (this.imageScopeOf(path) !== undefined) {
      return { ...place, page: `${name}/images`, title: `${title}, images` };
    }
    return chart === undefined || cluster._isEntry(chart.chart)
      ? { ...place, title }
      : { ...place, page: `${name}/${chart.layer.name}`, title: `${title}, layer \`${chart.layer.name}\`` };
  }

  /** Returns the path of an image's objects below the chart that uses the image, or the path itself. */
  private userOf(path: string): string {
    const scope = this.imageScopeOf(path);
    const user = scope === undefined ? undefined : this.users.get(scope);
    return user ?? path;
  }

  /** Returns the construct that contains the objects that follow an image, in the chart of a cluster's images. */
  private imageScopeOf(path: string): string | undefined {
    const images = nearest(path, this.clusters)?.images.node.path;
    if (images === undefined || !path.startsWith(`${images}/`)) {
      return undefined;
    }
    const end = path.indexOf('/', images.length + 1);
    return end === -1 ? path : path.slice(0, end);
  }
}

/** Returns the value of a path or of the nearest path above. */
function nearest<T>(path: string, values: ReadonlyMap<string, T>): T | undefined {
  for (let rest = path; rest !== ''; rest = rest.slice(0, Math.max(0, rest.lastIndexOf('/')))) {
    const value = values.get(rest);
    if (value !== undefined) {
      return value;
    }
  }
  return undefined;
}

/** Returns the path of the innermost construct that contains all of these. */
function commonPath([first = '', ...others]: readonly string[]): string {
  const common = first.split('/');
  for (const other of others) {
    if (common.length === 0) {
      break;
    }
    const segments = other.split('/');
    const end = common.findIndex((segment, i) => segment !== segments[i]);
    common.length = end === -1 ? common.length : end;
  }
  return common.join('/');
}
