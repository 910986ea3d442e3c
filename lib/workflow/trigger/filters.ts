import { ForgeError, oneOf, quoted } from '../../support';
import { Input } from '../input';
import { ACTIVITIES, FREE_ACTIVITIES } from './events';
import { checkGlob } from './glob';
import { EventTriggerProps } from './props';

/** A set of values that a trigger writes to the file, and that the checks need. */
export interface TriggerData {
  /** Reports whether the library does not know the event. */
  readonly isCustom?: boolean;
  /** Reason why unknown activity types are valid. */
  readonly unknownTypes?: string;
  readonly value?: Record<string, unknown> | unknown[];
  readonly inputs?: Input[];
  readonly secrets?: string[];
  readonly crons?: string[];
  readonly timezone?: string;
  readonly acknowledgement?: string;
}

const KEYS: Record<string, string> = {
  branchesIgnore: 'branches-ignore',
  tagsIgnore: 'tags-ignore',
  pathsIgnore: 'paths-ignore',
};

/** Returns a trigger with the filters in the form written to the file. */
export function filtered<T>(
  event: string,
  filters: Record<string, string[] | undefined>,
  make: (value: Record<string, unknown>) => T,
): T {
  const value: Record<string, unknown> = {};
  for (const [key, values] of Object.entries(filters)) {
    if (values === undefined) {
      continue;
    }
    if (values.length === 0) {
      throw badFilter(event, `has an empty \`${key}\``, 'leave it out for no filter, or name something');
    }
    if (filters[`${key}Ignore`]) {
      throw badFilter(
        event,
        `has both \`${key}\` and \`${key}Ignore\``,
        `use one of them; \`${key}\` takes patterns with "!" in front, which leave some out again`,
      );
    }
    checkFilter(event, key, values);
    value[KEYS[key] ?? key] = [...values];
  }
  checkStarts(event, filters);
  return make(value);
}

/** Throws an error if the filters together admit nothing: neither a branch nor a tag. */
function checkStarts(event: string, filters: Record<string, string[] | undefined>): void {
  const { branches, branchesIgnore, tags, tagsIgnore, paths, pathsIgnore } = filters;
  const isOpen = (given: string[] | undefined, ignored: string[] | undefined): boolean =>
    !(given && admitsNothing(given)) && !(ignored && ignoresAll(ignored));
  // A filter for tags alone means no branch, and the other way round. Filters for paths do not apply to tags.
  const forBranches = branches ?? branchesIgnore;
  const forTags = tags ?? tagsIgnore;
  const isBranchOpen =
    (forBranches !== undefined || forTags === undefined) &&
    isOpen(branches, branchesIgnore) &&
    isOpen(paths, pathsIgnore);
  const isTagOpen =
    (forTags !== undefined || forBranches === undefined) && isOpen(tags, tagsIgnore) && event === 'push';
  if (isBranchOpen || isTagOpen) {
    return;
  }
  const isMissing = forTags !== undefined && forBranches === undefined;
  throw badFilter(
    event,
    'has filters that admit nothing, so it never starts',
    isMissing
      ? "a filter for tags alone leaves branches out: add branches, for example branches: ['**']"
      : 'take out the pattern that leaves everything out',
  );
}

/** Returns whether nothing is left after the last pattern that takes everything out. */
function admitsNothing(patterns: string[]): boolean {
  return patterns.slice(patterns.lastIndexOf('!**') + 1).every((pattern) => pattern.startsWith('!'));
}

/** Returns whether the ignored patterns cover every name. */
function ignoresAll(patterns: string[]): boolean {
  const taken = patterns.map((pattern) => pattern.startsWith('!')).lastIndexOf(true);
  const last = patterns.slice(taken + 1);
  return last.includes('**') || (last.includes('*') && (last.includes('*/**') || last.includes('**/*')));
}

/** Returns a trigger whose only filter is its activity types. */
export function ofEvent<T>(event: string, props: EventTriggerProps, make: (data: TriggerData) => T): T {
  const { types, allowUnknownTypes } = props;
  if (allowUnknownTypes === undefined) {
    return filtered(event, { types }, (value) => make({ value }));
  }
  checkAcknowledgement(event, allowUnknownTypes, 'an activity that the forge does not know starts nothing');
  return make({ value: types && { types: [...types] }, unknownTypes: allowUnknownTypes });
}

function checkFilter(event: string, key: string, values: string[]): void {
  if (key === 'types') {
    checkActivities(event, values);
  } else if (key !== 'workflows') {
    values.forEach((pattern) => checkGlob(pattern, key.startsWith('paths') ? 'path' : 'ref'));
    if (values.every((pattern) => pattern.startsWith('!'))) {
      throw badFilter(
        event,
        `has only patterns with "!" in \`${key}\`, so nothing matches`,
        `put a pattern such as "**" before them, or use \`${key}Ignore\``,
      );
    }
  }
}

function checkActivities(event: string, types: string[]): void {
  if (FREE_ACTIVITIES.includes(event)) {
    return;
  }
  const known = ACTIVITIES[event] ?? [];
  const unknown = types.filter((type) => !known.includes(type));
  if (unknown.length === 0) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-WF-027',
    message: `\`${event}\` has no activity ${oneOf(unknown)}`,
    allowed: known.length > 0 ? known.join(', ') : 'none: leave `types` out',
    fix: 'use an activity of the event',
  });
}

/** Throws an error if a dangerous trigger is not acknowledged. */
export function checkAcknowledgement(event: string, acknowledgement: string, danger: string): void {
  if (acknowledgement.trim().length > 0 && !/[\r\n]/.test(acknowledgement)) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-WF-029',
    message: `\`${event}\` is used without saying in one line why that is safe: ${danger}`,
    fix: "use Trigger.pullRequest, or acknowledge it: { acknowledgement: 'labels only; checks nothing out' }",
  });
}

/** Returns an error about the filters of a trigger. */
export function badFilter(event: string, why: string, fix: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-WF-024', message: `the trigger \`${event}\` ${why}`, fix });
}

/** Returns a copy of the inputs, whose names are distinct. */
export function distinct(inputs: Input[]): Input[] {
  const twice = inputs.find(
    (input, i) => inputs.findIndex((other) => other.name.toLowerCase() === input.name.toLowerCase()) < i,
  );
  if (!twice) {
    return [...inputs];
  }
  throw ForgeError.of({
    code: 'FORGE-WF-028',
    message: `two inputs are named ${quoted(twice.name)}`,
    fix: 'name one of them otherwise; case makes no difference',
  });
}
