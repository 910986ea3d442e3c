import { IConstruct } from 'constructs';
import { advise } from './advice';
import { ForgeError, Problem, Problems } from './forge-error';
import { quoted } from './text';

const ACKNOWLEDGED = 'cdk8s-forge/acknowledged';
const CODE = /^FORGE-[A-Z]+-\d{3}$/;

/** A finding that is accepted at a construct, with the reason. */
export interface Acknowledgement {
  /** Code of the finding, for example `FORGE-WF-031`. */
  readonly code: string;
  /** Reason why the finding is acceptable, on one line. */
  readonly reason: string;
  /** Path of the construct at which the finding is accepted. */
  readonly path: string;
}

/**
 * The findings at a construct and at everything below the construct.
 *
 * Some errors are a matter of judgment. The fix of such an error names this class. Accept the finding at the smallest
 * construct that it concerns; the runbook lists the reason.
 *
 * @example
 *
 * Findings.of(workflow).acknowledge('FORGE-WF-031', 'only members of the release team start this workflow');
 */
export class Findings {
  /** Returns the findings at a construct. */
  static of(construct: IConstruct): Findings {
    return new Findings(construct);
  }

  private constructor(private readonly construct: IConstruct) {}

  /**
   * Accepts a finding at the construct and at everything below the construct. A finding of another code remains an
   * error.
   *
   * @param code code of the finding, as the error shows it
   * @param reason reason why the finding is acceptable, on one line
   * @throws FORGE-ACK-001 for a text that is no code, or a reason that is empty or has several lines
   */
  acknowledge(code: string, reason: string): void {
    if (!CODE.test(code) || typeof reason !== 'string' || reason.trim() === '' || /[\r\n]/.test(reason)) {
      throw ForgeError.at(this.construct, {
        code: 'FORGE-ACK-001',
        message: `the acknowledgement of ${quoted(code)} with reason ${quoted(reason)} is invalid`,
        allowed: 'a code as the error shows it, and a reason on one line',
        fix: "state the code and the reason: acknowledge('FORGE-…-…', 'why the finding is acceptable here')",
      });
    }
    this.construct.node.addMetadata(ACKNOWLEDGED, { code, reason });
    advise(this.construct, () => ({
      warnings: [`${this.construct.node.path}: ${code} is accepted: ${reason}`],
    }));
  }

  /** Acknowledgements that apply to the construct: its own, and those of the constructs above it. */
  get acknowledgements(): Acknowledgement[] {
    return this.construct.node.scopes.flatMap((scope) =>
      scope.node.metadata
        .filter((entry) => entry.type === ACKNOWLEDGED)
        .map((entry) => ({ ...(entry.data as { code: string; reason: string }), path: scope.node.path })),
    );
  }

  /** Returns whether a finding is accepted at the construct or above the construct. */
  isAcknowledged(code: string): boolean {
    return this.acknowledgements.some((acknowledgement) => acknowledgement.code === code);
  }
}

/**
 * Reports a problem that the user can accept at a construct. The fix of the reported problem names the way to accept
 * it.
 *
 * @jsii ignore
 */
export function addUnlessAcknowledged(construct: IConstruct, problem: Problem, problems: Problems): void {
  if (Findings.of(construct).isAcknowledged(problem.code)) {
    return;
  }
  problems.add({
    ...problem,
    path: problem.path ?? construct.node.path,
    fix: `${problem.fix}; or accept it with a reason: Findings.of(…).acknowledge('${problem.code}', '…') at ${quoted(construct.node.path)}`,
  });
}
