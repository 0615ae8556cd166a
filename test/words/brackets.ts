/** Placeholders and tags, which every language has as they are. */
const SIGN = /(\{[^{}]*\}|<\/?\w[^<>]*>)/;

/**
 * A message in a language for tests: between brackets, and without a letter of its own. So what can be read of a page is
 * either filled in or was never in the catalogue.
 */
export function bracketed(id: string): string {
  const said = id.split(SIGN).map((part, index) => (index % 2 === 1 ? part : part.replace(/\p{L}/gu, '·')));
  return `⟦${said.join('')}⟧`;
}

/** What is no word of a language, wherever it stands: commands, output, files, what somebody typed. */
const AS_IT_IS = /<(pre|code|textarea|script|style)\b[^]*?<\/\1>|<!--[^]*?-->/g;
/** A log, or a difference side by side. */
const OUTPUT = /<div class="(?:log|split)"[^]*?<\/(?:section|table)>/g;
const READ =
  /\s(?:aria-label|title|alt|placeholder|data-copy)="([^"]*)"|<input\b[^>]*type="(?:submit|button)"[^>]*\svalue="([^"]*)"/g;

/** The rule of the samples. */
const RULE = /ip filter INPUT:? policy drop/g;
/** Names: of programs, systems, companies, people and hosts, of tables and chains; ids; the clock. */
const VALUE =
  /^(?:curl|FileZilla|lftp|Python|ftplib|Windows|ftp|WinSCP|bash|PowerShell|Linux|pure-ftpd|nftables|iptables|csf|firewalld|ufw|root|rita|sam|server\.example|Amazon|Web|Services|Google|Cloud|Microsoft|Azure|Hetzner|OVHcloud|DigitalOcean|NAT|IPv[46]|VirtualHost|ip|filter|INPUT|r-[\w-]+|UTC|b|script|x)$/;

/** The words that can be read on a page in that language: its text, and what is read of its attributes. */
export function strays(html: string): string[] {
  const body = html.replace(AS_IT_IS, ' ').replace(OUTPUT, ' ').replace(RULE, ' ');
  const attributes = [...body.matchAll(READ)].map(([, name, value]) => name ?? value ?? '');
  const words = [body.replace(/<[^>]*>/g, ' '), ...attributes]
    .join(' ')
    .replace(/&#?\w+;/g, ' ')
    .split(/[\s⟦⟧]+/);
  return words
    .map((word) => word.replace(/^[^\p{L}]+|[^\p{L}\d]+$/gu, ''))
    .filter((word) => /\p{L}/u.test(word) && !VALUE.test(word));
}
