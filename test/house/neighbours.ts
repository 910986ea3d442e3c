import ts from 'typescript';

/** Functions that expect a ForgeError, those that may find none, and those that expect none. */
const REFUSING = ['codesOf', 'problemsOf', 'codesOfAsync'];
const EITHER = ['foundCodes', 'outcomeOf', 'problemsIn'];
const ACCEPTING = ['accepts'];

const isTest = (node: ts.Node): node is ts.CallExpression =>
  ts.isCallExpression(node) &&
  ts.isExpressionStatement(node.parent) &&
  /^(test|it)\b/.test(node.expression.getText()) &&
  node.arguments.length > 1;

function find<T extends ts.Node>(root: ts.Node, is: (node: ts.Node) => node is T): T[] {
  const found: T[] = [];
  const visit = (node: ts.Node): void => {
    if (is(node)) {
      found.push(node);
    }
    ts.forEachChild(node, visit);
  };
  visit(root);
  return found;
}

/** Whether one of the names is used in it, except as the name of a property. */
const uses = (node: ts.Node, names: ReadonlySet<string>): boolean =>
  find(node, ts.isIdentifier).some(
    (one) => names.has(one.text) && !(ts.isPropertyAssignment(one.parent) && one.parent.name === one),
  );

/** The names that a declaration gives: of a function, a variable, or the parts of one. */
function namesOf(declaration: ts.VariableDeclaration | ts.FunctionDeclaration): string[] {
  const { name } = declaration;
  return name === undefined ? [] : find(name, ts.isIdentifier).map((one) => one.text);
}

/** The names of whatever is made with one of the seeds: a function that calls it, a variable with its result. */
function madeWith(file: ts.SourceFile, seeds: string[]): Set<string> {
  const names = new Set(seeds);
  const isDeclaration = (node: ts.Node): node is ts.VariableDeclaration | ts.FunctionDeclaration =>
    ts.isVariableDeclaration(node) || ts.isFunctionDeclaration(node);
  const declarations = find(file, isDeclaration);
  for (let size = -1; size < names.size;) {
    size = names.size;
    for (const declaration of declarations) {
      const value = ts.isFunctionDeclaration(declaration) ? declaration.body : declaration.initializer;
      if (value !== undefined && uses(value, names)) {
        namesOf(declaration).forEach((name) => names.add(name));
      }
    }
  }
  return names;
}

/** The expectations of a test: what is expected, and what of it. */
function expectations(test: ts.Node): { subject: ts.Expression; rest: string }[] {
  return find(test, ts.isCallExpression)
    .filter((call) => call.expression.getText() === 'expect' && call.arguments.length === 1)
    .map((call) => {
      let whole: ts.Node = call;
      while (
        ts.isPropertyAccessExpression(whole.parent) ||
        (ts.isCallExpression(whole.parent) && whole.parent.expression === whole)
      ) {
        whole = whole.parent;
      }
      return { subject: call.arguments[0], rest: whole.getText().slice(call.getText().length) };
    });
}

/**
 * The tests of a file that expect a refusal, and nothing that is accepted beside it. Accepted is what `accepts` calls, what must not throw,
 * what has no problems, and whatever a result is expected of that is not made of problems.
 */
export function refusalsAlone(path: string, text: string): string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const catching = find(file, ts.isFunctionDeclaration).filter((one) => find(one, ts.isCatchClause).length > 0);
  const own = catching.flatMap(namesOf);
  const refusing = madeWith(
    file,
    REFUSING.filter((name) => !own.includes(name)),
  );
  const either = madeWith(file, [...EITHER, ...own]);
  const accepting = madeWith(file, ACCEPTING);
  const isAccepted = ({ subject, rest }: { subject: ts.Expression; rest: string }): boolean => {
    if (/^\.not\.toThrow|^\.resolves/.test(rest)) {
      return true;
    }
    if (uses(subject, either)) {
      return /\[\]/.test(rest);
    }
    return (
      find(subject, ts.isCallExpression).length > 0 &&
      !uses(subject, refusing) &&
      !/^fs\.|^\(\) =>/.test(subject.getText())
    );
  };
  return find(file, isTest)
    .filter(
      (test) => uses(test, refusing) || (/(?<!not)\.toThrow\(/.test(test.getText()) && /FORGE-/.test(test.getText())),
    )
    .filter((test) => !uses(test, accepting) && !expectations(test).some(isAccepted))
    .map(
      (test) =>
        `${path}:${file.getLineAndCharacterOfPosition(test.getStart()).line + 1} ${test.arguments[0].getText()}`,
    );
}
