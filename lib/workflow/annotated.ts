/** A value that has a comment: after the value on the same line, or in lines above the key. */
export class Annotated {
  constructor(
    readonly value: unknown,
    readonly comment: { readonly behind?: string; readonly above?: string[] },
  ) {}
}
