import * as readline from 'node:readline';
import { Writable } from 'node:stream';

/** Returns whether a user can answer questions. */
export function isInteractive(): boolean {
  return Boolean(process.stdin.isTTY && process.stderr.isTTY);
}

/**
 * Asks a question at the terminal. The question goes to the standard error, so that the output stays what programs
 * read. A secret answer is not shown.
 *
 * @throws an Error if the user interrupts
 */
export function ask(question: string, { secret = false }: { readonly secret?: boolean } = {}): Promise<string> {
  let isMuted = false;
  const output = new Writable({
    write(part, _encoding, done) {
      if (!isMuted) {
        process.stderr.write(part);
      }
      done();
    },
  });
  const terminal = readline.createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
  return new Promise((resolve, reject) => {
    terminal.on('SIGINT', () => {
      terminal.close();
      process.stderr.write('\n');
      reject(new Error('interrupted'));
    });
    terminal.question(question, (answer) => {
      terminal.close();
      if (secret) {
        process.stderr.write('\n');
      }
      resolve(answer);
    });
    isMuted = secret;
  });
}
