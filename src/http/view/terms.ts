/** A word that somebody who knows WHM need not know. `name`: as the explanation is headed. */
export interface Term {
  readonly name: string;
  readonly says: string;
}

interface Known extends Term {
  /** Finds the word in a text. */
  readonly found: RegExp;
}

const term = (name: string, found: RegExp, says: string): Known => ({ name, found, says });

/** In the order in which they build on each other. */
const KNOWN: readonly Known[] = [
  term(
    'FTP client',
    /\bclients?\b/i,
    'The program with which somebody comes to the FTP server: FileZilla, WinSCP, a backup, a web editor.',
  ),
  term(
    'Listing',
    /\blistings?\b/i,
    'What a client shows of a folder: the names of the files in it. It comes over a connection of its own, like each file.',
  ),
  term(
    'Port',
    /\bports?\b/i,
    'A number that says what a connection to a server is for. FTP begins at port 21 and takes other ports for listings and files.',
  ),
  term(
    'TCP',
    /\bTCP\b/,
    'The kind of connection over which FTP, WHM and web pages go. A rule of a firewall says for which kind it is.',
  ),
  term(
    'Range, passive ports, passive FTP',
    /\brange\b|\bpassive\b/i,
    'For each listing and each file the FTP server picks a port of this range, from the first number to the last, and the client connects to it. That is passive FTP. All of these ports must be open in every firewall.',
  ),
  term(
    'Advertised address',
    /\badvertised\b|\b(?:are|is|must be) told\b|\btells clients\b/i,
    'The address that the FTP server tells clients to come to for listings and files. It must be the one under which the internet reaches this server.',
  ),
  term(
    'Private address',
    /\bprivate\b|\blocal address\b/i,
    'An address of an inside network, like 10.0.0.5 or 192.168.1.5. From the internet it leads nowhere.',
  ),
  term(
    'NAT, NAT map',
    /\bNAT\b|\bcpnat\b/,
    'A router or cloud that gives the server another address outside than it has itself. The FTP server then has to be told which one to name. WHM keeps a list of both, the NAT map.',
  ),
  term(
    'IPv4, IPv6',
    /\bIPv[46]\b/,
    'The two kinds of addresses of the internet, 203.0.113.10 and 2001:db8::1. Each has firewall rules of its own.',
  ),
  term(
    'PASV, EPSV',
    /\bPASV\b|\bEPSV\b/,
    'The two commands by which a client asks for passive mode. After PASV the server names an address and a port; after EPSV only a port, and the client takes the address that it has logged in at.',
  ),
  term(
    'TLS',
    /\bTLS\b/,
    'What encrypts a connection. With it no router on the way can read and mend the address, so the server must name the right one by itself.',
  ),
  term(
    'Firewall here, firewall outside',
    /\bfirewall outside\b|\bprovider|\bclouds?\b|\bsecurity group/i,
    'The first one runs on this server, and the plugin can ask and change it. The second one is your provider’s or your cloud’s, which some call a security group; only you can change it, in their control panel.',
  ),
  term(
    'nftables, iptables, csf, firewalld, ufw',
    /\b(?:nftables|iptables|csf|firewalld|ufw)\b/i,
    'Programs that make the rules of a firewall. On a server one of them is in charge.',
  ),
  term(
    'Rule, chain, table',
    /\brules?\b|\bchains?\b/i,
    'A rule is one line of a firewall: it lets some connections in, or stops them. Rules stand in lists, called chains, and these in tables. A list is read from its top, and the first rule that decides ends it.',
  ),
  term(
    'Dropped, rejected',
    /\bdropped\b|\brejected\b/i,
    'Two ways in which a firewall keeps somebody out: without an answer, so that the client waits in vain, or with one, so that it fails at once.',
  ),
  term(
    'Copy of the firewall',
    /\bcopy of (?:the|this) (?:rules|firewall)\b/i,
    'All rules of this server, loaded into a network that nobody else uses, where the plugin makes real connections to see what the rules do. The real firewall is not touched by that.',
  ),
  term(
    'ICMPv6',
    /\bICMPv6\b/i,
    'The messages by which computers find each other over IPv6. A firewall that stops them stops everything over IPv6.',
  ),
  term(
    'Pure-FTPd, ProFTPD',
    /\bpure-?ftpd\b|\bproftpd\b/i,
    'The two FTP servers that WHM has. One of them runs, as chosen in WHM under FTP Server Selection.',
  ),
  term(
    'Rebuild',
    /\brebuil[dt]\b/i,
    'cPanel writes the FTP server’s configuration file anew from WHM’s settings, at updates and when they are saved. What stands only in the file is lost then.',
  ),
  term('Session', /\bsessions?\b/i, 'One client’s time at the FTP server, from logging in to leaving.'),
  term(
    'WebSocket',
    /\bWebSocket\b/,
    'A connection between a page and the server that stays open, over which output comes at once. Where there can be none, the same output comes through WHM.',
  ),
  term('Kernel', /\bkernel\b/i, 'The innermost part of the operating system, which makes all connections.'),
  term(
    'Put back, undo',
    /\bput back\b|\bundone?\b/i,
    'To take away exactly what a run has changed. What others have changed since stays, or you are asked.',
  ),
];

/** Every word that a page may use without saying what it means. */
export const TERMS: readonly Term[] = KNOWN.map(plain);

/** Those of them that a text has. */
export function termsIn(text: string): Term[] {
  return KNOWN.filter(({ found }) => found.test(text)).map(plain);
}

function plain({ name, says }: Known): Term {
  return { name, says };
}

/** Output, files and scripts are shown as they are, and nobody has to understand each word of them. */
const AS_IT_IS =
  /<(pre|code|textarea|svg)\b[^]*?<\/\1>|<div class="(?:log|split)"[^]*?<\/(?:section|table)>/g;

/** What a drawn page says in its own words, from its heading on. */
export function wordsOf(html: string): string {
  return html
    .slice(html.indexOf('<h1>'))
    .replace(AS_IT_IS, ' ')
    .replace(/<[^>]*>/g, ' ');
}
