import { Construct } from 'constructs';
import { DNS_LABEL, ForgeError, quoted } from '../support';

/**
 * Returns the name of the files of a construct: its path in the app, joined by dashes.
 *
 * @throws FORGE-HOST-005 if the path makes no name
 */
export function hostName(construct: Construct): string {
  const name = construct.node.path.replace(/\//g, '-').toLowerCase();
  if (DNS_LABEL.test(name) && name.length <= 50) {
    return name;
  }
  throw ForgeError.at(construct, {
    code: 'FORGE-HOST-005',
    message: `the name ${quoted(name)}, made from the construct ids, is not the name of a project`,
    allowed: 'a-z, 0-9 and "-", at most 50 characters, first and last a letter or digit',
    fix: 'choose shorter ids of letters, digits and dashes',
  });
}
