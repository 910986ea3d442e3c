import * as fs from 'node:fs';

/**
 * Prints a text on stderr before the call returns, so that the process can end then. A reader that has closed the pipe, such
 * as `head`, is no error.
 *
 * @jsii ignore
 */
export function printError(text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(fs.writeSync(2, rest));
    } catch (e) {
      const { code } = e as NodeJS.ErrnoException;
      if (code === 'EPIPE') {
        return;
      }
      // A full pipe that does not block: its reader goes on.
      if (code !== 'EAGAIN') {
        throw e;
      }
    }
  }
}

const onError = (e: NodeJS.ErrnoException) => {
  if (e.code !== 'EPIPE') {
    throw e;
  }
};

/**
 * Lets a reader close the pipe of stdout or stderr, as in `cdk8s-forge verify --help | head -1`. The process goes on, and
 * ends with its own exit code.
 *
 * @jsii ignore
 */
export function allowClosedPipe(stream: NodeJS.WriteStream): void {
  stream.off('error', onError).on('error', onError);
}
