import type { Plugin } from 'esbuild';

type Translate = (id: string) => string | undefined;

export function phrasesIn(source: string, path: string): { readonly id: string }[];
export function withoutMarks(source: string, path: string, translate?: Translate): string;
export function phrasesPlugin(translate?: Translate): Plugin;
