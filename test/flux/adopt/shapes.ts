import * as fc from 'fast-check';

export const NAME = 'git.example.com/platform/api';
export const image = { policy: 'flux-system:api', name: NAME, initialTag: 'main-0000000-0', reflectsDigest: false };

/** A manifest in a shape that people write by hand, with the image at places that can be marked, or not. */
export interface Shape {
  readonly file: string;
  readonly text: string;
}

const quote = fc.constantFrom('', "'", '"');
const tag = fc.constantFrom('1.0.0', '1.10', 'v2.0', 'main-4f0c1d2-1763600000', '7', '0x1f', 'latest');
const gap = fc.constantFrom(' ', '   ');
const trail = fc.constantFrom('', '', '', '', '', '', '  ', ' # keep');

const reference = fc.tuple(quote, tag).map(([q, t]) => `${q}${NAME}:${t}${q}`);
const tagText = fc.oneof(
  fc.tuple(quote, tag).map(([q, t]) => `${q}${t}${q}`),
  fc.constantFrom('', '~', 'null', '""', '!!str 1.0', '&t 1.0', '&t', '!!str', '!', '!!str &t'),
);

const containers = fc
  .tuple(reference, gap, trail, fc.constantFrom('', '  '))
  .map(([ref, space, end, indent]) =>
    ['containers:', `${indent}- name: api`, `${indent}  image:${space}${ref}${end}`, `${indent}  args: [a,  'b']`].join(
      '\n',
    ),
  );
const flow = fc.constantFrom(
  `containers: [{ name: api, image: "${NAME}:1.0" }]`,
  `containers: [\n  { name: x,\n    image: ${NAME}:1.0.0\n  } ]`,
  `images: [\n  ${NAME}:1.0.0\n]`,
);
const values = fc
  .tuple(tagText, fc.constantFrom('repository', 'name', 'image'), gap, trail)
  .chain(([text, key, space, end]) =>
    fc.constantFrom(
      `image:\n  ${key}: ${NAME}\n  tag:${space}${text}${end}`,
      `image:\n  tag:${space}${text}${end}\n  ${key}: '${NAME}'`,
      `image:\n  registry: git.example.com\n  repository: platform/api\n  tag:${space}${text}${end}`,
      `base: &name ${NAME}\nimage:\n  repository: *name\n  tag:${space}${text}${end}`,
    ),
  );
const kustomize = fc
  .tuple(tagText, gap)
  .chain(([text, space]) =>
    fc.constantFrom(
      `images:\n  - name: ${NAME}\n    newTag:${space}${text}`,
      `images:\n- name: web\n  newName: ${NAME}\n  newTag:${space}${text}\n- name: other\n  newTag: "1"`,
    ),
  );
const DIGEST = `sha256:${'d'.repeat(64)}`;
const misplaced = (part: string) => `# {"$imagepolicy": "flux-system:api${part}"}`;

/** What can stand beside the image: the same image once more, in step or not. */
const second = fc.constantFrom(
  `second-t: &s "1"\nsecond:\n  repository: ${NAME}\n  tag: *s`,
  `second:\n  repository: ${NAME}\n  tag: &s "1"\nthird:\n  repository: ${NAME}\n  tag: *s`,
  `second: &s\n  repository: ${NAME}\n  tag: "1"\nthird:\n  <<: *s\n  tag: "0.9"\nfourth:\n  <<: *s`,
  `second: &s\n  tag: "1"\nthird:\n  <<: *s\n  repository: ${NAME}`,
  `second:\n  repository: ${NAME}`,
  `second:\n  image: ${NAME}\n  imageTag: "1"`,
  `second: &s ${NAME}\nthird:\n  image: *s`,
  `second:\n  image: &s ${NAME}\nthird:\n  repository: *s\n  tag: "1"`,
  `second:\n  registry: git.example.com\n  image: platform/api\n  tag: "1"`,
  `second:\n  registry: git.example.com\n  image: platform/api:1.0`,
  `second:\n  repository: ${NAME} ${misplaced(':tag')}\n  tag: "1"`,
  `second:\n  repository: ${NAME} ${misplaced(':name')}\n  tag: "1"`,
  `second:\n  registry: git.example.com\n  repository: platform/api ${misplaced(':name')}\n  tag: "1"`,
  `second:\n  image: ${NAME}:1.0.0@${DIGEST}`,
  `second:\n  repository: ${NAME}\n  tag: "1.0.0@${DIGEST}"`,
  `second:\n  repository: ${NAME}\n  tag: "1"\n  digest: ${DIGEST}`,
  `second-d: &s ${DIGEST}\nsecond:\n  repository: ${NAME}\n  tag: "1"\n  digest: *s`,
  `second:\n- value: ${NAME}:0.5.0 # keep old`,
  `second:\n- value: ${NAME}:0.5.0`,
  `second:\n  args: ["${NAME}:1.0"]`,
  `kustomize:\n  images:\n  - name: ${NAME}\n    newTag: "1"`,
  `kustomize:\n  images:\n  - name: x\n    newName: ${NAME}`,
  `kustomize:\n  images:\n  - name: x\n    newName: ${NAME}\n    digest: ${DIGEST}`,
  `kustomize:\n  images:\n  - name: ${NAME}\n    newName:\n    newTag: "1"`,
);
const noise = fc.constantFrom(
  '# a comment',
  '',
  'text: |\n  image: not this\n\n  end',
  'folded: >-\n  one\n  two',
  'deep: { a: b }',
  `other: ${NAME}x:1.0`,
  'defaults: &d\n  a: 1\nuses:\n  <<: *d\n  b: 2',
  "emoji: '\u{1F600}'",
  'plain: one\n  two',
  `script: docker run ${NAME}:1.0`,
);
const head = fc.constantFrom(
  '',
  '',
  '',
  'apiVersion: v1\nkind: Pod',
  'apiVersion: apps/v1\nkind: Deployment',
  'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease',
  'apiVersion: image.toolkit.fluxcd.io/v1\nkind: ImageRepository',
  'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization',
  'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization',
);

const root = fc
  .tuple(
    head,
    fc.array(noise, { maxLength: 2 }),
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.oneof({ weight: 4, arbitrary: containers }, { weight: 4, arbitrary: values }, kustomize, flow),
      },
      { weight: 1, arbitrary: second },
      {
        weight: 3,
        arbitrary: fc
          .tuple(fc.oneof({ weight: 2, arbitrary: containers }, { weight: 2, arbitrary: values }, kustomize), second)
          .map((parts) => parts.join('\n')),
      },
    ),
    fc.array(noise, { maxLength: 2 }),
  )
  .map(([start, before, body, after]) => {
    // Keys must differ within a document.
    const tidy = (part: string, place: string) =>
      part.replace(/^(?=[a-z])(?!uses|defaults)/gm, place).replace(/^(uses|defaults)/gm, `${place}$1`);
    const anchors = (part: string, place: string) => part.replace(/([&*])d\b/g, `$1d${place}`);
    const lines = (items: string[], place: string) =>
      items.map((item, i) => anchors(tidy(item, `${place}${i}-`), `${place}${i}`));
    return [start, ...lines(before, 'before'), body, ...lines(after, 'after')]
      .filter((line, i) => line !== '' || i > 0)
      .join('\n');
  });

const extra = fc.constantFrom('# only a comment', '', 'null', 'apiVersion: v1\nkind: ConfigMap\ndata: {a: b}');

/** Manifests of one to three documents, some of them empty, with LF or CRLF. */
export const shapes: fc.Arbitrary<Shape> = fc
  .tuple(
    fc.constantFrom('k8s/api.yaml', 'k8s/kustomization.yaml'),
    fc.array(fc.oneof({ weight: 3, arbitrary: root }, { weight: 1, arbitrary: extra }), { minLength: 1, maxLength: 3 }),
    fc.constantFrom('', '---\n', '# head\n---\n'),
    fc.constantFrom('\n', '\r\n'),
    fc.constantFrom('', '\n'),
  )
  .map(([file, documents, start, eol, end]) => ({
    file,
    text: `${start}${documents.join('\n---\n')}${end}`.replace(/\n/g, eol),
  }));
