export function faultOf(id: string, translation: string): string | null;
