import { isMap, isScalar, LineCounter, Pair, parseDocument, Scalar, YAMLMap } from 'yaml';
import { Problems, quoted } from '../support';
import { LockedImage, TAG } from './locked-image';

const DIGEST = /^sha256:[a-f0-9]{64}$/;
const POLICY = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?:[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;
const OUTPUT = /^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/;

/** The formats of the image lock that this version of the library reads. Format 1 has no `version` key. */
const FORMATS = [1, 2];

/** The lines that Git writes around two versions of a text. */
const CONFLICT = /^(<{7}|\|{7}|={7}|>{7})(?= |\r?$)/m;

/** The comment in which an image lock names the version of the library that reads it. */
const READ_BY = /read by cdk8s-forge (\d+\.\d+\.\d+)/;

/**
 * A reader that parses the text of an image lock and records all errors.
 *
 * @jsii ignore
 */
export class LockReader {
  private readonly lines = new LineCounter();
  private readonly problems = new Problems();

  constructor(
    private readonly text: string,
    private readonly file: string,
  ) {}

  read(): Map<string, LockedImage> {
    this.assertNoConflict();
    const document = parseDocument(this.text, {
      lineCounter: this.lines,
      prettyErrors: false,
      uniqueKeys: true,
      version: '1.2',
    });
    for (const error of [...document.errors, ...document.warnings]) {
      this.note('FORGE-LOCK-001', error.pos[0], `not readable as YAML: ${error.message.split('\n')[0]}`);
    }
    this.problems.throwIfAny();
    const images = this.imagesOf(document.contents);
    const entries = new Map<string, LockedImage>();
    for (const pair of images?.items ?? []) {
      const image = this.image(pair as Pair<Scalar, unknown>);
      if (image) {
        entries.set(image[0], image[1]);
      }
    }
    this.problems.throwIfAny();
    return entries;
  }

  private assertNoConflict(): void {
    const conflict = CONFLICT.exec(this.text);
    if (!conflict) {
      return;
    }
    const line = this.text.slice(0, conflict.index).split('\n').length;
    this.problems.add({
      code: 'FORGE-LOCK-006',
      message: `${this.file}:${line}:1: the file has conflict markers of Git`,
      fix: 'keep the newer tag of each image, remove the lines that begin with <<<<<<<, |||||||, ======= and >>>>>>>, then synthesize again',
    });
    this.problems.throwIfAny();
  }

  private imagesOf(root: unknown): YAMLMap | undefined {
    if (!isMap(root)) {
      this.note('FORGE-LOCK-002', 0, 'the file is not a mapping with the key `images`');
      return undefined;
    }
    this.assertFormat(root);
    this.onlyKeys(root, ['version', 'images']);
    const images = root.get('images', true);
    if (isMap(images)) {
      return images;
    }
    this.note('FORGE-LOCK-002', offset(root), '`images` is missing or not a mapping');
    return undefined;
  }

  private assertFormat(root: YAMLMap): void {
    const version = root.get('version', true);
    if (version === undefined || (isScalar(version) && FORMATS.includes(Number(version.value)))) {
      return;
    }
    const shown = isScalar(version) ? String(version.value) : '(not a number)';
    const reader = READ_BY.exec(this.text)?.[1];
    const { line, col } = this.lines.linePos(offset(version) ?? 0);
    this.problems.add({
      code: 'FORGE-LOCK-007',
      message: `${this.file}:${line}:${col}: the image lock has format ${quoted(shown)}, which this version of cdk8s-forge cannot read`,
      allowed: `format ${FORMATS.join(' or ')}`,
      fix: `install the version of cdk8s-forge that wrote the file${reader === undefined ? ', or a newer version' : `: ${reader} or newer`}`,
    });
    this.problems.throwIfAny();
  }

  private image(pair: Pair<Scalar, unknown>): [string, LockedImage] | undefined {
    const policy = String(pair.key.value);
    if (!POLICY.test(policy)) {
      this.note(
        'FORGE-LOCK-003',
        offset(pair.key),
        `${quoted(policy)} is not the \`namespace:name\` of an ImagePolicy`,
      );
      return undefined;
    }
    if (!isMap(pair.value)) {
      this.note('FORGE-LOCK-002', offset(pair.key), `the entry of ${quoted(policy)} is not a mapping`);
      return undefined;
    }
    this.onlyKeys(pair.value, ['output', 'tag', 'digest']);
    const has = (key: string) => (pair.value as YAMLMap).has(key);
    const tag = this.field(pair, 'tag', TAG);
    const digest = has('digest') ? this.field(pair, 'digest', DIGEST) : undefined;
    const output = has('output') ? this.field(pair, 'output', OUTPUT) : undefined;
    return tag === undefined
      ? undefined
      : [policy, { ...(output === undefined ? {} : { output }), tag, ...(digest === undefined ? {} : { digest }) }];
  }

  private field(pair: Pair<Scalar, unknown>, key: string, allowed: RegExp): string | undefined {
    const scalar = (pair.value as YAMLMap).get(key, true);
    if (!isScalar(scalar)) {
      this.note(
        'FORGE-LOCK-002',
        offset(pair.key),
        `\`${key}\` of ${quoted(pair.key.value)} is missing or not a single value`,
      );
      return undefined;
    }
    // The source text, not the value: an unquoted 1.10 would come out as the number 1.1.
    const text = typeof scalar.value === 'string' ? scalar.value : String(scalar.source);
    if (allowed.test(text) || (key === 'digest' && text === '')) {
      return text;
    }
    this.note(
      'FORGE-LOCK-004',
      offset(scalar),
      `${quoted(text)} is not a valid ${key === 'output' ? '' : 'OCI '}${key}`,
    );
    return undefined;
  }

  private onlyKeys(map: YAMLMap, allowed: string[]): void {
    for (const { key } of map.items) {
      const name = isScalar(key) ? String(key.value) : '(not a name)';
      if (!allowed.includes(name)) {
        this.note(
          'FORGE-LOCK-005',
          offset(key) ?? offset(map),
          `unknown key ${quoted(name)}; known here: ${allowed.join(', ')}`,
        );
      }
    }
  }

  private note(code: string, at: number | undefined, message: string): void {
    const { line, col } = this.lines.linePos(at ?? 0);
    this.problems.add({
      code,
      message: `${this.file}:${line}:${col}: ${message}`,
      fix: `restore the last valid commit of the file: \`git log --oneline -- ${this.file}\`, then \`git checkout <commit> -- ${this.file}\`; to change a version, edit the value of \`tag\` only`,
    });
  }
}

function offset(node: unknown): number | undefined {
  return (node as { range?: [number, number, number] | null } | undefined)?.range?.[0];
}
