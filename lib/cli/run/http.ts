import * as fs from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import * as tls from 'node:tls';
import { proxyFor, throughProxy } from './proxy';

/** The attempts for a request that may be repeated. */
const ATTEMPTS = 3;

/** The longest answer that is read, in bytes. */
const LONGEST = 64 * 1024 * 1024;

/** Answers of a server that is busy or starts. */
const BUSY = new Set([429, 502, 503, 504]);

/** A request. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Record<string, string>;
  /** The content, which is sent as JSON. @default - none */
  readonly body?: unknown;
}

/** The answer to a request. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/**
 * An HTTP client that uses the proxy of `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, and trusts the certificates of `CA`,
 * `GIT_SSL_CAINFO` or `SSL_CERT_FILE` in addition to those of Node.js. No answer is waited for without end.
 */
export class HttpClient {
  private readonly ca?: string[];

  /**
   * @param environment the environment variables
   * @param timeout the seconds after which a request without an answer fails
   */
  constructor(
    private readonly environment: NodeJS.ProcessEnv,
    private readonly timeout = 30,
  ) {
    const file = environment.CA || environment.GIT_SSL_CAINFO || environment.SSL_CERT_FILE;
    this.ca = file && fs.existsSync(file) ? [...tls.rootCertificates, fs.readFileSync(file, 'utf8')] : undefined;
  }

  /**
   * Sends a request, and returns the answer whatever its status. A request that changes nothing, or the same thing each
   * time, is repeated if the server is busy or the connection fails.
   *
   * @throws an Error without an answer
   */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    const isRepeatable = request.method === 'GET' || request.method === 'PUT' || request.method === 'DELETE';
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt === ATTEMPTS;
      try {
        const answer = await this.once(request);
        if (isLast || !BUSY.has(answer.status) || (!isRepeatable && answer.status !== 429)) {
          return answer;
        }
        await pause(secondsOf(answer.headers['retry-after']) ?? attempt / 2);
      } catch (e) {
        if (isLast || !isRepeatable || e instanceof NoAnswer) {
          throw e;
        }
        await pause(attempt / 2);
      }
    }
  }

  private async once({ method, url, headers, body }: HttpRequest): Promise<HttpAnswer> {
    const target = new URL(url);
    const content = body === undefined ? undefined : JSON.stringify(body);
    const proxy = proxyFor(target, this.environment);
    const through =
      proxy === undefined ? {} : await throughProxy(proxy, target, { timeout: this.timeout, ca: this.ca });
    const options: https.RequestOptions = {
      method,
      ca: this.ca,
      agent: false,
      ...through,
      headers: {
        accept: 'application/json',
        'user-agent': 'cdk8s-forge',
        ...(content === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(content)) }),
        ...headers,
        ...through.headers,
      },
    };
    return this.answerOf((target.protocol === 'https:' ? https : http).request(target, options), content);
  }

  private answerOf(request: http.ClientRequest, content: string | undefined): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => request.destroy(new NoAnswer(this.timeout)), this.timeout * 1000);
      const fail = (e: Error) => {
        clearTimeout(timer);
        reject(e);
      };
      request.on('error', fail);
      request.on('response', (response) => {
        const parts: Buffer[] = [];
        let length = 0;
        response.on('data', (part: Buffer) => {
          length += part.length;
          parts.push(part);
          if (length > LONGEST) {
            request.destroy(new Error('the answer is too long'));
          }
        });
        response.on('error', fail);
        response.on('end', () => {
          clearTimeout(timer);
          const { statusCode = 0, headers } = response;
          resolve({ status: statusCode, headers, text: String(Buffer.concat(parts)) });
        });
      });
      request.end(content);
    });
  }
}

/** No answer in time. Another attempt would take as long. */
class NoAnswer extends Error {
  constructor(seconds: number) {
    super(`no answer after ${seconds} seconds`);
  }
}

function secondsOf(retryAfter: string | undefined): number | undefined {
  const seconds = Number(retryAfter);
  return retryAfter === undefined || Number.isNaN(seconds) ? undefined : Math.min(seconds, 10);
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
