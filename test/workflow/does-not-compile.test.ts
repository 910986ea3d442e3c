import * as path from 'node:path';
import * as ts from 'typescript';

const ROOT = path.join(__dirname, '..', '..');

test('TypeScript finds each of the mistakes, and nothing else is wrong', () => {
  const { config } = ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const program = ts.createProgram([path.join(__dirname, 'does-not-compile.ts')], { ...options, types: ['node'] });
  const source = program.getSourceFile(path.join(__dirname, 'does-not-compile.ts'))!;
  const found = program
    .getSemanticDiagnostics(source)
    .map(
      (diagnostic) =>
        `${source.getLineAndCharacterOfPosition(diagnostic.start!).line + 1}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')}`,
    );
  expect(found).toEqual([]);
  expect(source.text.match(/@ts-expect-error --/g)!.length).toBeGreaterThan(25);
});
