export function precompiled(directory: string): string;
