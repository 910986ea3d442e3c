import { ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { temporaryFolder } from '../support/workspace';

/** What was asked of the server. */
export interface Request {
  readonly method: string;
  readonly url: string;
  readonly authorization?: string;
  readonly contentType?: string;
  readonly body: string;
}

/** A server on this machine that answers as told, and writes down what it was asked. */
export interface LocalServer {
  readonly url: string;
  requests(): Request[];
}

/** A program of its own, because scripts are run synchronously. */
const PROGRAM = `
const fs = require('node:fs');
const [answers, log, ready] = process.argv.slice(1);
const rules = JSON.parse(answers);
const asked = {};
const server = require('node:http').createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => { body += chunk; });
  request.on('end', () => {
    fs.appendFileSync(log, JSON.stringify({ method: request.method, url: request.url, authorization: request.headers.authorization, contentType: request.headers['content-type'], body }) + '\\n');
    const key = request.method + ' ' + request.url;
    const rule = rules[key] ?? [404, '{"message":"not found"}'];
    const turns = Array.isArray(rule[0]) ? rule : [rule];
    asked[key] = (asked[key] ?? 0) + 1;
    const [status, text] = turns[Math.min(asked[key], turns.length) - 1];
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(text);
  });
});
server.listen(0, '127.0.0.1', () => { fs.writeFileSync(ready + '.new', String(server.address().port)); fs.renameSync(ready + '.new', ready); });
`;

const running: ChildProcess[] = [];
afterAll(() => running.forEach((child) => child.kill()));

/** Status and text. */
export type Answer = [number, string];

/** Starts a server; `answers` are status and text by method and path, or several of them in turn, of which the last stays. */
export function localServer(answers: Record<string, Answer | Answer[]>): LocalServer {
  const folder = temporaryFolder();
  const [log, ready] = ['log', 'ready'].map((name) => path.join(folder, name));
  running.push(spawn(process.execPath, ['-e', PROGRAM, JSON.stringify(answers), log, ready], { stdio: 'ignore' }));
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let i = 0; i < 500 && !fs.existsSync(ready); i++) {
    Atomics.wait(pause, 0, 0, 20);
  }
  const url = `http://127.0.0.1:${fs.readFileSync(ready, 'utf8')}`;
  return {
    url,
    requests: () =>
      fs.existsSync(log)
        ? fs
            .readFileSync(log, 'utf8')
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line))
        : [],
  };
}
