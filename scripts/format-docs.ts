import * as fs from 'node:fs';
import * as path from 'node:path';
import * as prettier from 'prettier';

// Formats the `ts` code blocks of Markdown files; the text around them is left alone.
// `--check` names the files that would change, and fails.

const ROOT = path.join(__dirname, '..');
const check = process.argv.includes('--check');

function filesBelow(folder: string, ending: string): string[] {
  return fs
    .readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending) && !entry.parentPath.includes('node_modules'))
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)));
}

async function formatBlocks(text: string, options: prettier.Options): Promise<string> {
  const pieces: string[] = [];
  let end = 0;
  for (const block of text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)) {
    const start = block.index + '```ts\n'.length;
    pieces.push(text.slice(end, start), await prettier.format(block[1], options));
    end = start + block[1].length;
  }
  return [...pieces, text.slice(end)].join('');
}

async function main(): Promise<void> {
  const files = ['README.md', ...filesBelow('docs', '.md'), ...filesBelow('examples', '.md')];
  const changed: string[] = [];
  for (const file of files) {
    const config = await prettier.resolveConfig(path.join(ROOT, file));
    const before = fs.readFileSync(path.join(ROOT, file), 'utf8');
    const after = await formatBlocks(before, { ...config, parser: 'typescript' });
    if (after === before) {
      continue;
    }
    changed.push(file);
    if (!check) {
      fs.writeFileSync(path.join(ROOT, file), after);
    }
  }
  if (check && changed.length > 0) {
    process.stderr.write(`not formatted, run \`npm run format\`: ${changed.join(', ')}\n`);
    process.exitCode = 1;
  }
}

void main();
