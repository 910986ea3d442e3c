import * as path from 'node:path';
import { Cluster } from '../flux';
import { Model } from '../model';
import { PlannedFile } from '../output';
import { codeSpan } from '../support';
import { groupPicture } from './picture-groups';
import { Chapter, headingLines } from './runbook-chapter';
import { ImageUsers, Place, Places } from './runbook-places';
import { Branch, branchesOf, fileNameOf, Piece } from './runbook-branches';
import { grouped, table } from './runbook-text';

/** The file of the first page. */
const FIRST = 'RUNBOOK.md';

/** The directory of the other pages. */
const FOLDER = 'runbook';

/** The bytes of a page that are no entries: its title and the headings. */
const OVERHEAD = 6_000;

/** Words on the first page in place of the entries of a chapter that other pages have. */
const ALL_ELSEWHERE = 'The entries are on the [pages](#pages).';
const OTHERS_ELSEWHERE = 'The other entries are on the [pages](#pages).';

/**
 * The parts of a divided runbook.
 *
 * @jsii ignore
 */
export interface DividedParts {
  readonly chapters: readonly Chapter[];
  readonly imageUsers: ImageUsers;
  /** The size of the largest page, in bytes. */
  readonly largestPage: number;
}

/** Entries of a chapter that stay together. */
interface Unit extends Piece {
  readonly chapter: number;
  readonly values: readonly unknown[];
}

/** A page with its units, before it is divided. */
interface Page {
  readonly name: string;
  readonly title: string;
  readonly units: Unit[];
}

/**
 * A runbook of several pages: the first page with the setup and everything that concerns several layers, and a page per
 * layer of each cluster. A page that is too large is divided by the paths of its constructs.
 *
 * The place of an entry depends on its constructs only, so that a construct which is added changes the pages with its path.
 *
 * @jsii ignore
 */
export class DividedRunbook {
  private readonly pages = new Map<string, Page>();
  private readonly capacity: number;
  private readonly picture: string[];
  private first: { readonly place: Place; readonly unit: Unit }[] = [];

  constructor(
    model: Model,
    private readonly parts: DividedParts,
  ) {
    this.picture = groupPicture(model);
    this.capacity = parts.largestPage - OVERHEAD;
    const places = new Places(model, parts.imageUsers);
    parts.chapters.forEach((chapter, index) => this.place(chapter, index, places));
  }

  /** Returns the files: the first page, and the pages below the directory. */
  files(): PlannedFile[] {
    const lines = this.fittingFirst();
    const pages = [...this.pages.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const [first, ...others] = [{ path: FIRST, lines }, ...pages.flatMap((page) => this.filesOf(page))];
    const headings = new Set(first.lines.filter((line) => line.startsWith('## ')).map(anchorOf));
    return [
      { path: first.path, text: first.lines.join('\n'), origin: '' },
      ...others.map((file) => ({ path: file.path, text: linked(file, headings).join('\n'), origin: '' })),
    ];
  }

  private place(chapter: Chapter, index: number, places: Places): void {
    const sizeOf = (values: readonly unknown[]) => Buffer.byteLength(bodyOf(chapter, values).join('\n'));
    const empty = sizeOf([]);
    const merged = grouped(
      chapter.entries.map((entry, i) => ({ entry, key: chapter.keyOf?.(entry.value) ?? String(i) })),
      ({ key }) => key,
    );
    for (const same of merged.values()) {
      const place = places.of(same.flatMap(({ entry }) => entry.owners));
      const values = same.map(({ entry }) => entry.value);
      const size = sizeOf(values) - empty + 1;
      // Half a character is no beginning of a name.
      const key = `${place.path}/${same[0].entry.name}`.replace(/[\ud800-\udfff]/g, (half) => `~${half.charCodeAt(0)}`);
      const unit = { chapter: index, values, size, key };
      this.add(place, unit);
    }
  }

  private add(place: Place, unit: Unit): void {
    if (place.page === undefined) {
      this.first.push({ place, unit });
      return;
    }
    const page = this.pages.get(place.page) ?? { name: place.page, title: place.title, units: [] };
    page.units.push(unit);
    this.pages.set(place.page, page);
  }

  /**
   * Returns the first page. If it is too large, its entries get pages of their own: first what concerns a whole cluster, then
   * what concerns several.
   */
  private fittingFirst(): string[] {
    let lines = this.firstLines();
    for (const isMoved of [({ cluster }: Place) => cluster !== undefined, () => true]) {
      if (Buffer.byteLength(lines.join('\n')) > this.parts.largestPage) {
        const all = this.first;
        this.first = all.filter(({ place }) => !isMoved(place));
        all
          .filter(({ place }) => isMoved(place))
          .forEach(({ place, unit }) => this.add({ ...place, page: generalPageOf(place.cluster) }, unit));
        lines = this.firstLines();
      }
    }
    return lines;
  }

  private firstLines(): string[] {
    const own = grouped(
      this.first.map(({ unit }) => unit),
      ({ chapter }) => String(chapter),
    );
    return [
      '# Runbook',
      '',
      ...this.picture,
      '## Pages',
      '',
      'Each page has what concerns its constructs: Secrets, workflow files, checks, images. To find the pages of a name, search for the name:',
      `\`grep -rl NAME dist/${FOLDER}\`. This page has the setup, and what concerns several pages.`,
      '',
      ...table(
        ['Page', 'Content'],
        [...this.pages.values()]
          .sort((a, b) => (a.name < b.name ? -1 : 1))
          .map(({ name, title }) => [`[${name}](${FOLDER}/${name}.md)`, title]),
      ),
      '',
      ...this.parts.chapters.flatMap((chapter, index) => firstChapter(chapter, own.get(String(index)) ?? [])),
    ];
  }

  private filesOf({ name, title, units }: Page): Lines[] {
    const branches = branchesOf(units, this.capacity);
    const file = `${FOLDER}/${name}.md`;
    if (branches.length === 1) {
      return [{ path: file, lines: this.pageLines(title, file, units) }];
    }
    const paged = branches.map((branch) => ({ branch, path: `${FOLDER}/${name}/${fileNameOf(branch.start)}.md` }));
    return [
      { path: file, lines: listOf(title, file, paged) },
      ...paged.map(({ branch, path: own }) => ({
        path: own,
        lines: this.pageLines(`${title}, ${startOf(branch)}`, own, branch.pieces),
      })),
    ];
  }

  private pageLines(title: string, file: string, units: readonly Unit[]): string[] {
    const own = grouped(units, ({ chapter }) => String(chapter));
    return [
      `# Runbook: ${title}`,
      '',
      `This page belongs to the [runbook](${toFirst(file)}), which has the setup and the other symptoms. Run all commands in one Bash, in the root`,
      'directory of the repository of this cdk8s app.',
      '',
      ...this.parts.chapters.flatMap((chapter, index) => {
        const values = (own.get(String(index)) ?? []).flatMap((unit) => unit.values);
        return values.length === 0
          ? []
          : [...headingLines(chapter.headingOnPages ?? chapter.heading), ...bodyOf(chapter, values)];
      }),
    ];
  }
}

/** A file as lines. */
interface Lines {
  readonly path: string;
  readonly lines: readonly string[];
}

/** Returns a chapter of the first page, with the entries that no other page has. */
function firstChapter(chapter: Chapter, own: readonly Unit[]): string[] {
  const { heading, headingOnPages, intro = [], entries, isFixed } = chapter;
  const values = own.flatMap((unit) => unit.values);
  const hasMore = values.length < entries.length;
  if (isFixed !== true && (entries.length === 0 || (values.length === 0 && intro.length === 0))) {
    return [];
  }
  return [
    ...headingLines(heading ?? headingOnPages),
    ...intro,
    ...(values.length > 0 ? bodyOf(chapter, values) : []),
    ...(hasMore ? [values.length > 0 ? OTHERS_ELSEWHERE : ALL_ELSEWHERE, ''] : []),
  ];
}

function bodyOf(chapter: Chapter, values: readonly unknown[]): string[] {
  return chapter.bodyIfDivided?.(values) ?? chapter.body(values);
}

/** Returns the page that lists the pages of a divided page. */
function listOf(
  title: string,
  file: string,
  paged: readonly { readonly branch: Branch<Unit>; readonly path: string }[],
): string[] {
  return [
    `# Runbook: ${title}`,
    '',
    `This page belongs to the [runbook](${toFirst(file)}). The pages are divided by the paths of the constructs in the cdk8s app:`,
    '',
    ...table(
      ['Paths that begin with', 'Page'],
      paged.map(({ branch, path: own }) => {
        const target = path.posix.relative(path.posix.dirname(file), own);
        return [startOf(branch), `[${target.replace(/\.md$/, '')}](${target})`];
      }),
    ),
    '',
  ];
}

function startOf({ start }: Branch<Unit>): string {
  return codeSpan(start);
}

function generalPageOf(cluster: Cluster | undefined): string {
  return cluster === undefined ? 'all_clusters' : `${cluster.name}/all_layers`;
}

function toFirst(file: string): string {
  return path.posix.relative(path.posix.dirname(file), FIRST);
}

/** Returns the anchor of a heading, as forges derive it. */
function anchorOf(heading: string): string {
  return heading
    .replace(/^#+ /, '')
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replace(/ /g, '-');
}

/** Returns the lines of a page with its links to chapters that only the first page has. */
function linked({ path: file, lines }: Lines, ofFirst: ReadonlySet<string>): string[] {
  const own = new Set(lines.filter((line) => line.startsWith('## ')).map(anchorOf));
  return lines.map((line) =>
    line.includes('](#')
      ? line.replace(/\]\(#([a-z0-9-]+)\)/g, (link, anchor: string) =>
          own.has(anchor) || !ofFirst.has(anchor) ? link : `](${toFirst(file)}#${anchor})`,
        )
      : line,
  );
}
