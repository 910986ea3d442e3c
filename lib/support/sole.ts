import { IConstruct } from 'constructs';

const OWNERS = new WeakMap<IConstruct, Map<string, IConstruct>>();

/**
 * Returns the construct of the same app that has a thing already, such as a file of the repository; undefined if there is
 * none. Then the construct has the thing.
 *
 * @param thing the thing, with its kind: `file certs/ca.crt`
 *
 * @jsii ignore
 */
export function earlierOwner(construct: IConstruct, thing: string): IConstruct | undefined {
  const { root } = construct.node;
  const owners = OWNERS.get(root) ?? new Map<string, IConstruct>();
  OWNERS.set(root, owners);
  const owner = owners.get(thing);
  if (owner !== undefined && owner !== construct && isInTree(owner)) {
    return owner;
  }
  owners.set(thing, construct);
  return undefined;
}

/**
 * Returns whether a construct is still in the tree: `tryRemoveChild` removes it.
 *
 * @jsii ignore
 */
export function isInTree({ node }: IConstruct): boolean {
  return node.scope?.node.tryFindChild(node.id)?.node === node;
}
