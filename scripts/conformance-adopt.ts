/**
 * Adopts manifests in shapes that people write by hand, and looks at them again after Flux's setter has moved the image:
 *
 *   node --import tsx scripts/conformance-adopt.ts write <outdir> [count] [seed]
 *   node --import tsx scripts/conformance-adopt.ts check <outdir> <tag>
 *
 * `check` requires that each file is still accepted, that it stays byte for byte what Flux wrote, and that no place of the image has an
 * older version without a warning.
 */
import fc from 'fast-check';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'fs';
import { dirname, join } from 'path';
import { AdoptedText } from '../lib/flux';
import { ForgeError } from '../lib/support';
import { outOfStep } from '../test/flux/adopt/oracle';
import { image, shapes } from '../test/flux/adopt/shapes';

const [, , verb, outdir, first, second] = process.argv;

function write(count: number, seed: number): void {
  let written = 0;
  fc.sample(shapes, { numRuns: count, seed }).forEach(({ file, text }, i) => {
    ForgeError.problemsIn(() => {
      const after = new AdoptedText(text, file, image).withVersion({ tag: '1.0.0' });
      const path = join(outdir, String(i), file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, after);
      written++;
    });
  });
  if (written < count / 4) {
    throw new Error(`only ${written} of ${count} shapes were adopted`);
  }
}

function check(tag: string): void {
  const files = readdirSync(outdir, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
  for (const file of files) {
    const text = readFileSync(join(outdir, file), 'utf8');
    const name = file.replace(/^\d+\//, '');
    const adopted = new AdoptedText(text, name, image);
    const again = adopted.withVersion({ tag });
    const stale = outOfStep(text, { file: name, tag, warnings: adopted.warnings });
    if (stale.length > 0) {
      throw new Error(`${file} has an older version at ${stale.join(', ')}:\n${text}`);
    }
    if (again !== text || !text.includes(tag)) {
      throw new Error(`${file} is not what Flux wrote:\n${text}\n--- but\n${again}`);
    }
  }
  console.log(`${files.length} adopted files: after Flux moved the image, adopting again changed nothing`);
}

if (verb === 'write') {
  write(Number(first ?? 2000), Number(second ?? 1));
} else {
  check(first);
}
