import { ForgeError, Problem, Problems, quoted } from '../../support';
import { Availability, AVAILABILITY, MEMBERS, SPECIAL_FUNCTIONS } from './contexts';
import { problemAt, References } from './references';
import { Origin } from './origin';
import { Resolved, Scope, Where } from './scope';
import { ContextUse, parseExpression, ParsedExpression } from './syntax';
import { OPENING, parseTemplate } from './template';
import { originOf } from './untrusted';

/**
 * A resolver that turns values of the model into text of the file. The resolver checks each expression against its
 * position in the file, and replaces references with ids.
 *
 * @jsii ignore
 */
export class Resolver {
  private readonly references: References;

  constructor(
    private readonly scope: Scope,
    private readonly problems: Problems,
  ) {
    this.references = new References(scope);
  }

  /** Resolves a value that may contain expressions. */
  value(value: string, where: Where): Resolved {
    let resolved: Resolved = { text: value, secret: false, origin: Origin.KNOWN };
    if (!value.includes(OPENING)) {
      return resolved;
    }
    this.problems.collect(() => {
      const parts = parseTemplate(value).map((part) =>
        typeof part === 'string' ? { text: part, secret: false, origin: Origin.KNOWN } : this.braced(part, where),
      );
      resolved = {
        text: parts.map((part) => part.text).join(''),
        secret: parts.some((part) => part.secret),
        origin: Math.max(Origin.KNOWN, ...parts.map((part) => part.origin)),
      };
    });
    return resolved;
  }

  /** Resolves a value and returns only the text. */
  text(value: string, where: Where): string {
    return this.value(value, where).text;
  }

  /** Resolves an expression without braces. */
  expression(text: string, where: Where): string {
    let resolved = text;
    this.problems.collect(() => {
      resolved = this.rewritten(parseExpression(text), where);
    });
    return resolved;
  }

  private braced(expression: ParsedExpression, where: Where): Resolved {
    const secret = expression.uses.some(
      ({ path }) => path[0] === 'secrets' || (path[0] === 'github' && path[1]?.toLowerCase() === 'token'),
    );
    const origin = Math.max(Origin.KNOWN, ...expression.uses.map((use) => originOf(use, this.scope, where)));
    return { text: `\${{ ${this.rewritten(expression, where)} }}`, secret, origin };
  }

  private checkFunctions(expression: ParsedExpression, where: Where): void {
    const allowed: Availability = AVAILABILITY[where.place];
    const special = expression.functions.find(
      (name) => SPECIAL_FUNCTIONS.includes(name) && !allowed.functions?.includes(name),
    );
    if (expression.functions.includes('case') && this.scope.withoutCase !== undefined) {
      throw this.problem(where, {
        code: 'FORGE-WF-011',
        message: `${this.scope.withoutCase} does not know the function case()`,
        fix: 'compute the value in a step and pass it on as an output, or use && and ||',
        symptom: 'unknown function: case',
      });
    }
    if (expression.functions.includes('fromJSON') && expression.uses.some(({ path }) => path[0] === 'secrets')) {
      throw this.problem(where, {
        code: 'FORGE-WF-014',
        message: 'a part of a secret is taken out with fromJSON(): the log does not mask parts',
        fix: 'make each part a secret of its own',
      });
    }
    if (special) {
      throw this.unavailable(
        `${special}()`,
        where,
        [...(allowed.functions ?? [])].map((name) => `${name}()`),
      );
    }
  }

  private rewritten(expression: ParsedExpression, where: Where): string {
    this.checkFunctions(expression, where);
    this.checkComparisons(expression, where);
    let text = '';
    let at = 0;
    for (const use of [...expression.uses].sort((a, b) => a.start - b.start)) {
      if (use.start < at) {
        this.checked(use, where);
        continue;
      }
      text += expression.text.slice(at, use.start);
      const path = this.checked(use, where);
      const root = /^\w+/.exec(expression.text.slice(use.start))![0];
      if (use.open) {
        text += path[0];
        at = use.start + root.length;
      } else {
        text +=
          path[0] +
          path
            .slice(1)
            .map((name) => (/^[A-Za-z_][\w-]*$/.test(name) ? `.${name}` : `['${name.replace(/'/g, "''")}']`))
            .join('');
        at = use.end;
      }
    }
    return text + expression.text.slice(at);
  }

  /** Throws an error if a boolean input is compared with text: of two types, no value is equal to the other. */
  private checkComparisons({ comparisons }: ParsedExpression, where: Where): void {
    for (const [left, right] of [...comparisons, ...comparisons.map(([a, b]) => [b, a])]) {
      const [, name] = /^\(*inputs(?:\.|\[')([\w-]+)(?:'\])?\)*$/i.exec(left) ?? [];
      const isBoolean = (this.scope.booleanInputs ?? []).some((input) => input.toLowerCase() === name?.toLowerCase());
      if (isBoolean && /^\(*'\s*(?![\d.+-])[^']/.test(right)) {
        throw this.problem(where, {
          code: 'FORGE-WF-037',
          message: `the boolean input ${quoted(name)} is compared with the text ${right}, which no boolean is equal to`,
          fix: 'use Condition.isTrue(input.value), or its .not()',
          symptom: 'no error: what depends on the condition never runs, or always',
        });
      }
    }
  }

  /** Checks the use of a context and returns the path for the file. */
  private checked(use: ContextUse, where: Where): string[] {
    const [root, ...rest] = use.path;
    const isCallOutput = root === 'needs' && where.place === 'on.workflow_call.outputs.value';
    const context = isCallOutput ? 'jobs' : root;
    const allowed = AVAILABILITY[where.place].contexts;
    if (!allowed.includes(context)) {
      throw this.unavailable(`\`${root}\``, where, allowed);
    }
    switch (context) {
      case 'steps':
        return ['steps', ...this.references.step(rest, use, where)];
      case 'needs':
        return ['needs', ...this.references.needed(rest, use, where)];
      case 'jobs':
        return ['jobs', ...this.references.jobOutput(rest, use, where)];
      case 'matrix':
        this.member(rest, this.scope.matrix ?? [], { context, where, hint: 'declare it in the matrix of the job' });
        break;
      case 'inputs':
        this.member(rest, this.scope.inputs, {
          context,
          where,
          hint: 'declare it in the inputs of a trigger: Trigger.dispatch({ inputs: [input] })',
        });
        break;
      case 'secrets':
        this.secret(rest, use, where);
        break;
      case 'vars':
        this.checkName(rest[0], 'variable', where);
        break;
      default:
        if (MEMBERS[context]) {
          this.member(rest, MEMBERS[context], {
            context,
            where,
            hint: 'the name is misspelt, or new: then compute the value in a step',
          });
        }
    }
    return [context, ...rest];
  }

  private member(
    rest: string[],
    known: readonly string[],
    { context, where, hint }: { context: string; where: Where; hint: string },
  ): void {
    if (rest.length === 0 || known.some((name) => name.toLowerCase() === rest[0].toLowerCase())) {
      return;
    }
    throw this.problem(where, {
      code: 'FORGE-WF-013',
      message: `\`${context}.${rest[0]}\` does not exist`,
      allowed: known.length > 0 ? known.join(', ') : `nothing: there are no ${context} here`,
      fix: hint,
      symptom: 'the value is empty, and nothing says so',
    });
  }

  private secret([name]: string[], use: ContextUse, where: Where): void {
    if (use.open || name === undefined) {
      throw this.problem(where, {
        code: 'FORGE-WF-014',
        message: 'all secrets at once are used',
        fix: "name the one that is needed: Expression.secret('REGISTRY_TOKEN')",
      });
    }
    this.checkName(name, 'secret', where);
    this.scope.usesSecret(name);
  }

  private checkName(name: string | undefined, what: string, where: Where): void {
    const why = name === undefined ? undefined : this.scope.secretNameProblem(name);
    if (why) {
      throw this.problem(where, {
        code: 'FORGE-WF-001',
        message: `${quoted(name!)} cannot name an Actions ${what}: ${why}`,
        fix: `use a name such as ${what === 'secret' ? 'REGISTRY_TOKEN' : 'REGISTRY'}`,
      });
    }
  }

  private unavailable(what: string, where: Where, allowed: readonly string[]): ForgeError {
    return this.problem(where, {
      code: 'FORGE-WF-012',
      message: `${what} is not known there`,
      allowed: allowed.length > 0 ? allowed.join(', ') : 'none',
      fix:
        where.place.endsWith('if') && what.includes('secrets')
          ? 'pass the secret by `env` to a step that sets an output, and ask for that output'
          : 'use a context that is known there, or pass the value on as an output',
      symptom:
        where.place === 'jobs.name.early'
          ? 'no error: the forge shows the expression as text'
          : `Unrecognized named-value: '${what.replace(/`/g, '')}'`,
    });
  }

  private problem(where: Where, problem: Problem): ForgeError {
    return problemAt(this.scope, where, problem);
  }
}
