export const FLOOR: Readonly<Record<string, readonly number[]>>;
export function isElf(bytes: Buffer): boolean;
export function neededVersions(bytes: Buffer): string[];
export function tooNew(versions: readonly string[]): string[];
