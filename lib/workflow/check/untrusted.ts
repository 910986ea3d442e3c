import { IConstruct } from 'constructs';
import { addUnlessAcknowledged, Problems, quoted } from '../../support';
import { Action } from '../action/action';
import { Origin } from '../expression/origin';
import { isCode, isData, isSteering } from './code-inputs';

/** Code of the finding that text which another person can choose may become code. */
const CODE = 'FORGE-WF-051';

/**
 * A check that text which another person can choose reaches only places that treat it as data: harmless environment
 * variables, and inputs that are known to be data.
 *
 * @jsii ignore
 */
export class UntrustedText {
  /**
   * @param owner job or action that contains the text, at which a finding can be accepted
   */
  constructor(
    private readonly owner: IConstruct,
    private readonly problems: Problems,
  ) {}

  /** Checks the value of an environment variable. */
  variable(name: string, origin: Origin, label: string): void {
    if (origin !== Origin.KNOWN && isSteering(name)) {
      this.add(
        `the environment variable ${name} of ${label}`,
        'use another name: a shell, a loader or a tool interprets this variable',
      );
    }
  }

  /** Checks the value of an input of an action. */
  input(name: string, origin: Origin, { action, label }: { action: Action; label: string }): void {
    if (action._isOwn || isData(action._fullName, name)) {
      return;
    }
    if (origin === Origin.STRANGER || (origin === Origin.COMPUTED && isCode(name))) {
      this.add(
        `the input ${quoted(name)} of ${label}, which uses ${action.uses}`,
        'pass the text by `env`, and read the variable in a script: env: { TITLE: … } and "$TITLE"',
      );
    }
  }

  /** Checks the value of an input of a workflow that is called. */
  callInput(name: string, origin: Origin, label: string): void {
    if (origin === Origin.STRANGER) {
      this.add(
        `the input ${quoted(name)} of ${label}`,
        'call a workflow of this cdk8s app, whose inputs are checked, or pass fixed text',
      );
    }
  }

  /** Checks a value that decides what runs, or how. */
  setting(what: string, origin: Origin): void {
    if (origin === Origin.STRANGER) {
      this.add(what, 'use fixed text, or choose between fixed texts in a step');
    }
  }

  private add(where: string, fix: string): void {
    addUnlessAcknowledged(
      this.owner,
      {
        code: CODE,
        message: `text that another person can choose reaches ${where}`,
        allowed: 'environment variables with harmless names, and inputs that are known to be data',
        fix,
        symptom: 'no error: a branch name or a title runs as code in the job',
      },
      this.problems,
    );
  }
}
