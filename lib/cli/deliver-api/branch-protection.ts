import { quoted } from '../../support';
import { ForgeApi, ForgeFailure } from '../forge/forge-api';

/** A branch of Gitea and Forgejo, as the user of the token sees it. */
interface Branch {
  readonly protected?: boolean;
  readonly user_can_push?: boolean;
  /** The name of the rule; empty for a user who is no administrator of the repository. */
  readonly effective_branch_protection_name?: string;
}

/** The parts of a rule that decide who pushes. */
interface Protection {
  readonly enable_push?: boolean;
  readonly enable_push_whitelist?: boolean;
  readonly push_whitelist_usernames?: readonly string[] | null;
}

/** A push that delivers files to a branch. */
export interface Push {
  readonly name: string;
  readonly branch: string;
  /** Whether to add the user of the token to the rule that protects the branch. */
  readonly allowPush: boolean;
  readonly dryRun: boolean;
}

/**
 * Checks that the user of the token may push to a branch, and adds the user to the rule of the branch if asked. The rule stays
 * as it is for everybody else. GitHub tells only on the push.
 *
 * @returns what was changed, as lines of the report
 * @throws a ForgeFailure for a branch to which the user may not push
 */
export async function assertCanPush(api: ForgeApi, { name, branch, allowPush, dryRun }: Push): Promise<string[]> {
  if (api.isGitHub) {
    return [];
  }
  const info = await api.find<Branch>(`repos/${name}/branches/${encodeURIComponent(branch)}`);
  if (info?.protected !== true || info.user_can_push !== false) {
    return [];
  }
  const rule = info.effective_branch_protection_name ?? '';
  const by = rule === '' ? 'a rule' : `the rule ${quoted(rule)}`;
  const said = `branch ${quoted(branch)} is protected by ${by}`;
  if (!allowPush) {
    const remedy = 'use --pull-request, or --allow-push, which adds the user of the token to those who may push';
    throw new ForgeFailure(undefined, `${said}: ${remedy}`);
  }
  const path = `repos/${name}/branch_protections/${encodeURIComponent(rule)}`;
  const { login, present } = await ruleAt(api, { path, rule, said });
  if (dryRun) {
    return [`${said}: --allow-push would add ${quoted(login)}`];
  }
  await api.ask('PATCH', path, withUser(present, login));
  return [`${quoted(login)} may push to branch ${quoted(branch)} now, by ${by}`];
}

/** Reads the rule and the user. A user who is no administrator of the repository sees no rule. */
async function ruleAt(
  api: ForgeApi,
  { path, rule, said }: { readonly path: string; readonly rule: string; readonly said: string },
): Promise<{ readonly login: string; readonly present: Protection }> {
  // Dots alone are a step in a path.
  const isNamed = !/^\.{0,2}$/.test(rule);
  const [present, user] = isNamed
    ? [await api.find<Protection>(path), await api.find<{ readonly login?: string }>('user')]
    : [undefined, undefined];
  if (present === undefined || !user?.login) {
    throw new ForgeFailure(
      undefined,
      `${said}, which the user of the token cannot see: use the token of an administrator of the repository, or --pull-request`,
    );
  }
  if (present.enable_push && !present.enable_push_whitelist) {
    // The rule lets everybody with write access push. A list would shut them out.
    throw new ForgeFailure(undefined, `${said} for all who cannot write, as the user ${quoted(user.login)}`);
  }
  return { login: user.login, present };
}

function withUser({ enable_push: isEnabled, push_whitelist_usernames: names }: Protection, login: string): object {
  return {
    enable_push: true,
    enable_push_whitelist: true,
    push_whitelist_usernames: [...new Set([...((isEnabled && names) || []), login])],
    // What a rule without pushes has kept would come to life.
    ...(isEnabled ? {} : { push_whitelist_teams: [], push_whitelist_deploy_keys: false }),
  };
}

/** Returns the failure of a push to a protected branch with what to do about it, and any other failure as it is. */
export function protectedBranch(e: unknown): unknown {
  const isProtected =
    e instanceof ForgeFailure &&
    /protected|not allowed to push|user does not have permission to push|cannot commit to repo/i.test(e.detail);
  return isProtected
    ? new ForgeFailure(
        e.status,
        `${e.detail} (the branch is protected: use --pull-request, or allow the user to push; or the user cannot write to the repository)`,
        e.detail,
      )
    : e;
}
