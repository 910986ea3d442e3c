import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import * as ts from 'typescript';
import { installLibrary } from './install';

const ROOT = path.join(__dirname, '..');

/**
 * Calls with a directory in which the library is installed as its users get it, beside the packages of this repository and
 * the benchmark as JavaScript. No tsx is in between.
 */
export function withCompiled<T>(call: (folder: string) => T): T {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk8s-forge-bench-'));
  try {
    installLibrary(folder);
    compile(path.join(ROOT, 'bench'), path.join(folder, 'bench'));
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
  return ts.transpileModule(asUser(text), { compilerOptions }).outputText;
}

/** Lets a program of this repository import the installed library. */
export function asUser(program: string): string {
  return program.replace(/'(?:\.{1,2}\/)+lib\//g, "'cdk8s-forge/");
}
