export interface Part {
  readonly place: string;
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly integrity: string;
}
export function partsOf(root: string): Part[];
export function licenceTexts(root: string, parts: readonly Part[]): string;
export function listOfParts(
  product: { readonly name: string; readonly version: string; readonly license: string },
  parts: readonly Part[],
  runtime: Omit<Part, 'place'>,
  time: number,
): {
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly licenses: readonly unknown[];
    readonly hashes: readonly { readonly content: string }[];
  }[];
};
