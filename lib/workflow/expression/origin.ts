/** The trust in the text that an expression yields. */
export enum Origin {
  /** The text is fixed by the workflow or by the forge, for example a commit or a number. */
  KNOWN = 0,
  /** A step or a job computed the text. */
  COMPUTED = 1,
  /** Another person can choose the text, for example a branch name or the title of an issue. */
  STRANGER = 2,
}
