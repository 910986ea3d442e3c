import fc from 'fast-check';
import { BuildCache, CacheCompression, CacheMode } from '../../lib/buildkit';
import { Forge } from '../../lib/forge';
import { gitea } from './world';
import { foundCodes } from '../support/problems';

const IMAGE = 'gitea-http.gitea.svc.cluster.local:3000/platform/hello';

test.each<[string, BuildCache, string[], string[]]>([
  [
    'registry',
    BuildCache.registry(),
    [`type=registry,ref=${IMAGE}-cache:buildcache`],
    [`type=registry,ref=${IMAGE}-cache:buildcache,mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true`],
  ],
  [
    'registry, all props',
    BuildCache.registry({ mode: CacheMode.MIN, tag: 'main', compression: CacheCompression.ZSTD, required: true }),
    [`type=registry,ref=${IMAGE}-cache:main`],
    [`type=registry,ref=${IMAGE}-cache:main,mode=min,image-manifest=true,oci-mediatypes=true,compression=zstd`],
  ],
  ['inline', BuildCache.inline('main'), [`type=registry,ref=${IMAGE}:main`], ['type=inline']],
  [
    'local',
    BuildCache.local('/cache/hello'),
    ['type=local,src=/cache/hello'],
    ['type=local,dest=/cache/hello,mode=max,image-manifest=true,oci-mediatypes=true'],
  ],
  [
    's3',
    BuildCache.s3({
      bucket: 'buildcache',
      region: 'us-east-1',
      endpointUrl: 'http://minio.minio.svc:9000',
      prefix: 'ci/',
    }),
    [
      'type=s3,bucket=buildcache,region=us-east-1,endpoint_url=http://minio.minio.svc:9000,prefix=ci/,use_path_style=true,name=gitea-http-gitea-svc-cluster-local-3000-platform-hello',
    ],
    [
      'type=s3,bucket=buildcache,region=us-east-1,endpoint_url=http://minio.minio.svc:9000,prefix=ci/,use_path_style=true,name=gitea-http-gitea-svc-cluster-local-3000-platform-hello,mode=max,ignore-error=true',
    ],
  ],
  ['none', BuildCache.none(), [], []],
])('%s', (_, cache, imports, exports) => {
  expect(cache.imports(IMAGE)).toEqual(imports);
  expect(cache.exports(IMAGE)).toEqual(exports);
});

test('the repository of the cache is not that of the image: no policy that looks for images finds a cache', () => {
  for (const value of [...BuildCache.registry().imports(IMAGE), ...BuildCache.registry().exports(IMAGE)]) {
    expect(/ref=([^,]+):[^:,]+/.exec(value)![1]).toBe(`${IMAGE}-cache`);
  }
});

test("GitHub's cache is refused elsewhere, with what one would see", () => {
  expect(() => BuildCache.github().assertWorksAt(gitea)).toThrow(
    /FORGE-BK-012[\s\S]*invalid token without access controls/,
  );
  expect(() =>
    BuildCache.github().assertWorksAt(Forge.forgejo({ version: '11.0', url: 'https://code.example.com' })),
  ).toThrow(expect.objectContaining({ code: 'FORGE-BK-012' }));
  expect(() => BuildCache.github().assertWorksAt(Forge.github())).not.toThrow();
  expect(() => BuildCache.registry().assertWorksAt(gitea)).not.toThrow();
  expect(BuildCache.github().exports('ghcr.io/example/hello')).toEqual([
    'type=gha,scope=ghcr-io-example-hello,mode=max,ignore-error=true',
  ]);
});

test('no value reaches buildctl that its CSV would take apart', () => {
  let taken = 0;
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[a-z][a-z0-9.-]{1,10}[a-z0-9]$/)),
      fc.constantFrom(
        (text: string) => BuildCache.registry({ tag: text }),
        BuildCache.inline,
        (text: string) => BuildCache.local(`/${text}`),
        (text: string) => BuildCache.s3({ bucket: text, region: 'r' }),
        (text: string) => BuildCache.s3({ bucket: 'abc', region: text }),
        (text: string) => BuildCache.s3({ bucket: 'abc', region: 'r', prefix: text }),
        (text: string) => BuildCache.s3({ bucket: 'abc', region: 'r', endpointUrl: `https://${text}` }),
      ),
      (text, make) => {
        const codes = foundCodes(() => make(text));
        if (codes.length > 0) {
          expect(codes).toEqual(['FORGE-BK-013']);
          return;
        }
        taken++;
        for (const value of [...make(text).imports(IMAGE), ...make(text).exports(IMAGE)]) {
          expect(value).not.toMatch(/["\s\x00-\x1f]/);
          value.split(',').forEach((pair) => expect(pair).toMatch(/^[a-z_-]+=./));
        }
      },
    ),
    { numRuns: 500 },
  );
  expect(taken).toBeGreaterThan(150);
});
