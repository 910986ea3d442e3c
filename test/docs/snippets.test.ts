import * as fs from 'node:fs';
import * as path from 'node:path';
import * as ts from 'typescript';
import { examplesIn, fencedBlocks, filesBelow, ROOT, Snippet } from './snippets';

/** What the `@example` blocks may use without saying where it comes from. */
const PRELUDE = fs.readFileSync(path.join(__dirname, 'prelude.ts.txt'), 'utf8');

const ROOMS = fs
  .readdirSync(path.join(ROOT, 'lib'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && fs.existsSync(path.join(ROOT, 'lib', entry.name, 'index.ts')))
  .map((entry) => entry.name);

/** Compiles each snippet as a module of its own, all in one program, and says what is wrong where. */
function errorsIn(snippets: readonly { name: string; text: string }[]): string[] {
  const files = new Map(snippets.map(({ name, text }) => [path.join(ROOT, name), text]));
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.CommonJS,
    moduleResolution: ts.ModuleResolutionKind.Node10,
    ignoreDeprecations: '6.0',
    lib: ['lib.es2022.d.ts'],
    types: ['node'],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    esModuleInterop: true,
    paths: { 'cdk8s-forge': [path.join(ROOT, 'lib')], 'cdk8s-forge/*': [path.join(ROOT, 'lib/*')] },
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.readFile = (file) => files.get(file) ?? readFile(file);
  host.getSourceFile = (file, version, ...rest) => {
    const text = files.get(file);
    return text === undefined ? getSourceFile(file, version, ...rest) : ts.createSourceFile(file, text, version);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  // Of the snippets only: the types of the library itself are checked by lint.
  return [...files.keys()]
    .map((file) => program.getSourceFile(file)!)
    .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
    .map((d) => {
      const { line } = d.file!.getLineAndCharacterOfPosition(d.start!);
      return `${path.relative(ROOT, d.file!.fileName)}: ${files.get(d.file!.fileName)!.split('\n')[line].trim()}: ${ts.flattenDiagnosticMessageText(d.messageText, ' ')}`;
    });
}

const fileName = ({ origin }: Snippet) => `snippets/${origin.replace(/[/:]/g, '__')}.ts`;

/** Every exported class, as an import, leaving out what the snippet imports or declares itself. */
function prelude(code: string): string {
  const own = (name: string) => new RegExp(`\\b(import[^;]*\\b|const |class |function )${name}\\b`).test(code);
  const lines = ROOMS.map((room) => {
    const names = EXPORTS.get(room)!.filter((name) => new RegExp(`\\b${name}\\b`).test(code + PRELUDE) && !own(name));
    return names.length > 0 ? `import { ${names.join(', ')} } from 'cdk8s-forge/${room}';` : '';
  });
  const declarations = PRELUDE.split('\n').filter((line) => {
    const declared = /^(?:declare )?const (\w+)/.exec(line)?.[1];
    return !declared || !own(declared);
  });
  return [...lines, ...declarations, ''].join('\n');
}

const EXPORTS = new Map(ROOMS.map((room) => [room, exportsOf(room)]));

function exportsOf(room: string): string[] {
  const index = fs.readFileSync(path.join(ROOT, `lib/${room}/index.ts`), 'utf8');
  return filesBelow(`lib/${room}`, '.ts').flatMap((file) =>
    [
      ...fs
        .readFileSync(path.join(ROOT, file), 'utf8')
        .matchAll(/^export (?:abstract )?(?:class|enum|interface) (\w+)/gm),
    ]
      .map((m) => m[1])
      .filter(() => index.includes(`'./${path.relative(`lib/${room}`, file).replace(/\.ts$/, '')}'`)),
  );
}

const blocks = ['README.md', ...filesBelow('docs', '.md'), ...filesBelow('examples', '.md')]
  .flatMap(fencedBlocks)
  .filter((b) => b.language === 'ts')
  .map((block) => ({ name: fileName(block), text: `${block.code}\nexport {};` }));
const examples = filesBelow('lib', '.ts')
  .flatMap(examplesIn)
  .map((e) => ({ name: fileName(e), text: `${prelude(e.code)}{\n${e.code}\n}\nexport {};` }));

test('every TypeScript block of the README and the docs compiles as it stands, and so does every @example of the library', () => {
  expect(blocks.length).toBeGreaterThan(50);
  expect(examples.length).toBeGreaterThan(100);
  // One program for all: most of its time goes to the types of the library.
  expect(errorsIn([...blocks, ...examples])).toEqual([]);
});

test('every construct of the public API has an @example', () => {
  const missing = filesBelow('lib', '.ts').filter((file) => {
    const text = fs.readFileSync(path.join(ROOT, file), 'utf8').replace(/@jsii ignore\n \*\/\nexport class/g, 'class');
    return /^export class \w+ extends (Construct|App|Chart)\b/m.test(text) && examplesIn(file).length === 0;
  });
  expect(missing).toEqual([]);
});
