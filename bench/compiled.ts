import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import * as ts from 'typescript';

const ROOT = path.join(__dirname, '..');
const FOLDERS = ['lib', 'imports', 'bench'];

/** Calls with the folder of the library and the benchmark as JavaScript: what a program imports, without tsx in between. */
export function withCompiled<T>(call: (folder: string) => T): T {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk8s-forge-bench-'));
  try {
    fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
    fs.copyFileSync(path.join(ROOT, 'package.json'), path.join(folder, 'package.json'));
    FOLDERS.forEach((name) => compile(path.join(ROOT, name), path.join(folder, name)));
    return call(folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function compile(from: string, to: string): void {
  fs.mkdirSync(to);
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) {
      compile(source, target);
    } else if (/(?<!\.d)\.ts$/.test(entry.name)) {
      fs.writeFileSync(target.replace(/ts$/, 'js'), javaScript(fs.readFileSync(source, 'utf8')));
    } else {
      fs.copyFileSync(source, target);
    }
  }
}

function javaScript(text: string): string {
  const compilerOptions: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.CommonJS,
    esModuleInterop: true,
  };
  return ts.transpileModule(text, { compilerOptions }).outputText;
}
