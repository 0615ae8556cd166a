export function messagesIn(source: string): { readonly id: string }[];
export function inOtherWords(source: string, translate: (id: string) => string | undefined): string;
