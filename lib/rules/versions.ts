import { IConstruct } from 'constructs';
import { ForgejoProduct, GiteaProduct, GiteaRelease, IForge } from '../forge';
import { byPath, Manifests, Model, podSpecsIn } from '../model';
import {
  addUnlessAcknowledged,
  Advisory,
  ADVISORIES,
  applicable,
  Findings,
  isExact,
  Problem,
  Problems,
  quoted,
  SaidWarning,
} from '../support';

const CODE = 'FORGE-RULE-004';

/** A version of software with known vulnerabilities, and the construct that names the version. */
interface Finding {
  readonly at: IConstruct;
  /** Software and version, for example `BuildKit 0.27.0`. */
  readonly title: string;
  readonly version: string;
  readonly advisories: readonly (Omit<Advisory, 'since' | 'fixedIn'> & { readonly fixedIn: string })[];
  /** Place that names the version. */
  readonly place: string;
}

/** Names of images, without tag, by software. Copies in a registry of your own keep the end of the name. */
const IMAGES: [name: RegExp, tag: RegExp, software: string, advisories: readonly Advisory[]][] = [
  [/(^|\/)moby\/buildkit$|\/buildkit$/, /^v(\d+\.\d+\.\d+)(-rootless)?$/, 'BuildKit', ADVISORIES.BuildKit],
  [/^(docker\.io\/)?(library\/)?docker$/, /^(\d+(?:\.\d+){0,2})-dind(-.*)?$/, 'Docker', ADVISORIES.Docker],
  [/(^|\/)curlimages\/curl$/, /^(\d+(?:\.\d+){0,2})$/, 'curl', ADVISORIES.curl],
  [/^(docker\.io\/)?(library\/)?node$/, /^(\d+(?:\.\d+){0,2})(-.*)?$/, 'Node.js', ADVISORIES['Node.js']],
  [/(^|\/)gitea\/(act_)?runner$/, /^(\d+(?:\.\d+){0,2})(-.*)?$/, "Gitea's runner", ADVISORIES["Gitea's runner"]],
  [/(^|\/)gitea\/gitea$/, /^(\d+(?:\.\d+){0,2})(-.*)?$/, 'Gitea', new GiteaProduct().advisories],
  [/(^|\/)forgejo\/forgejo$/, /^(\d+(?:\.\d+){0,2})(-.*)?$/, 'Forgejo', new ForgejoProduct().advisories],
];

/**
 * Reports versions of software with known vulnerabilities: the images of all pods, and the forges. Returns warnings. A
 * vulnerability that executes code or escapes from an isolation is an error, if the program names the patch.
 *
 * @jsii ignore
 */
export function checkVersions(model: Model, manifests: Manifests, problems: Problems): SaidWarning[] {
  const warnings: SaidWarning[] = unknownVersions(model);
  for (const finding of [...vulnerableImages(model, manifests), ...vulnerableForges(model)]) {
    const isError = isExact(finding.version) && finding.advisories.some(({ isSevere }) => isSevere);
    if (isError && !Findings.of(finding.at).isAcknowledged(CODE)) {
      addUnlessAcknowledged(finding.at, problemOf(finding), problems);
    } else if (!(finding.at instanceof GiteaRelease)) {
      // A GiteaRelease warns itself.
      warnings.push({ path: finding.at.node.path, text: `${CODE}: ${describe(finding)}` });
    }
  }
  const key = ({ path, text }: SaidWarning) => `${path} ${text}`;
  return warnings.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function vulnerableImages(model: Model, manifests: Manifests): Finding[] {
  const objects = [...model.charts.values()].flatMap((chart) => chart.objects);
  return objects.flatMap((at) => {
    const manifest = manifests.tryOf(at);
    const images = manifest ? podSpecsIn(manifest).flatMap((pod) => pod.images) : [];
    return [...new Set(images)].flatMap((image) => findingOf(at, image));
  });
}

function findingOf(at: IConstruct, image: string): Finding[] {
  const [, name = '', tag = ''] = /^([^@]*?):([^/:@]+)(?:@.*)?$/.exec(image) ?? [];
  return IMAGES.filter(([names]) => names.test(name)).flatMap(([, tags, software, all]) => {
    const version = tags.exec(tag)?.[1];
    const advisories = version === undefined ? [] : applicable(all, version);
    return advisories.length === 0
      ? []
      : [{ at, title: `${software} ${version}`, version: version!, advisories, place: `image ${quoted(image)}` }];
  });
}

/** The forges of an app, each once, with the first construct that names the forge. */
function forgesOf(model: Model): { readonly at: IConstruct; readonly forge: IForge }[] {
  const all = [
    ...byPath(model.constructs)
      .filter((construct): construct is GiteaRelease => construct instanceof GiteaRelease)
      .map((at) => ({ at, forge: at.forge as IForge })),
    ...byPath(model.workflows).map((at) => ({ at, forge: at.repository.forge })),
  ];
  return all.filter(({ forge }, i) => all.findIndex((other) => other.forge.isSameAs(forge)) === i);
}

function vulnerableForges(model: Model): Finding[] {
  return forgesOf(model).flatMap(({ at, forge }) => {
    const { product, version, title } = forge;
    const advisories = version === undefined ? [] : product.advisoriesFor(version);
    return advisories.length === 0
      ? []
      : [{ at, title, version: version!, advisories, place: `version of the forge at ${forge.url}` }];
  });
}

function unknownVersions(model: Model): SaidWarning[] {
  return forgesOf(model).flatMap(({ at, forge }) => {
    const text = forge.version === undefined ? undefined : forge.product.versionWarning(forge.version);
    return text === undefined ? [] : [{ path: at.node.path, text }];
  });
}

function describe({ title, place, advisories }: Finding): string {
  const known = advisories.map(({ id, effect }) => `${id} (${effect})`).join('; ');
  return `${place}: ${title} has known vulnerabilities: ${known}. Use ${newest(advisories)} or newer`;
}

function problemOf(finding: Finding): Problem {
  const { title, place, advisories, at } = finding;
  const severe = advisories.filter(({ isSevere }) => isSevere);
  return {
    code: CODE,
    message: `${place}: ${title} is vulnerable: ${severe.map(({ id, effect }) => `${id} (${effect})`).join('; ')}`,
    allowed: `${newest(severe)} or newer`,
    fix: `use ${newest(advisories)} or newer`,
    path: at.node.path,
  };
}

/** The version that fixes all advisories. */
function newest(advisories: Finding['advisories']): string {
  return advisories.reduce(
    (best, each) => (applicable([each], best).length > 0 ? each.fixedIn : best),
    advisories[0].fixedIn,
  );
}
