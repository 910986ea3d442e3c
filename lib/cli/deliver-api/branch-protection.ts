import { ForgeApi, ForgeFailure } from '../forge/forge-api';

/** A branch of Gitea and Forgejo, as the user of the token sees it. */
interface Branch {
  readonly protected?: boolean;
  readonly user_can_push?: boolean;
  readonly effective_branch_protection_name?: string;
}

/** The parts of a rule that decide who pushes. */
interface Protection {
  readonly enable_push?: boolean;
  readonly enable_push_whitelist?: boolean;
  readonly push_whitelist_usernames?: readonly string[] | null;
}

const REMEDY = 'use --pull-request, or --allow-push, which adds the user of the token to those who may push';

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
  const rule = info?.effective_branch_protection_name;
  if (info?.protected !== true || info.user_can_push !== false || !rule) {
    return [];
  }
  if (!allowPush) {
    throw new ForgeFailure(undefined, `branch ${branch} is protected by the rule ${rule}: ${REMEDY}`);
  }
  if (dryRun) {
    return [`branch ${branch} is protected by the rule ${rule}: --allow-push would add the user of the token`];
  }
  const user = await addTo(api, `repos/${name}/branch_protections/${encodeURIComponent(rule)}`);
  return [`${user} may push to ${branch} now, by the rule ${rule}`];
}

/** Adds the user of the token to those who may push by a rule. */
async function addTo(api: ForgeApi, rule: string): Promise<string> {
  const { login } = await api.ask<{ login: string }>('GET', 'user');
  const present = await api.ask<Protection>('GET', rule);
  if (present.enable_push && !present.enable_push_whitelist) {
    // The rule lets everybody with write access push. A list would shut them out.
    throw new ForgeFailure(undefined, `${login} cannot write to the repository: its rule lets everybody push who can`);
  }
  const listed = present.enable_push ? (present.push_whitelist_usernames ?? []) : [];
  await api.ask('PATCH', rule, {
    enable_push: true,
    enable_push_whitelist: true,
    push_whitelist_usernames: [...new Set([...listed, login])],
    // What a rule without pushes has kept would come to life.
    ...(present.enable_push ? {} : { push_whitelist_teams: [], push_whitelist_deploy_keys: false }),
  });
  return login;
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
