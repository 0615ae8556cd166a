import type { Speech } from './catalogue.mjs';

export function precompiled(directory: string, speech?: Speech): string;
