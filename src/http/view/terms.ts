import { phrase } from '../../core/phrase.ts';

/** A word that somebody who knows WHM need not know. `name`: as the explanation is headed. */
export interface Term {
  readonly name: string;
  readonly says: string;
}

interface Known extends Term {
  /** Finds the word in a text. */
  readonly found: RegExp;
}

/** @param words by which it is found, with a comma between them; where one has a capital letter, case counts */
const term = (name: string, words: string, says: string): Known => ({
  name,
  found: new RegExp(words.split(/,\s*/).map(whole).join('|'), /\p{Lu}/u.test(words) ? '' : 'i'),
  says,
});

/** A word that is not a part of a longer one, as far as that can be told in every script. */
function whole(word: string): string {
  const edge = (letter = ''): string => (/\w/.test(letter) ? '\\b' : '');
  return `${edge(word[0])}${word.replace(/[$()*+./?[\\\]^{|}]/g, '\\$&')}${edge(word.at(-1))}`;
}

/** In the order in which they build on each other. */
const KNOWN: readonly Known[] = [
  term(
    phrase`FTP client`,
    phrase`client, clients`,
    phrase`The program with which somebody comes to the FTP server: FileZilla, WinSCP, a backup, a web editor.`,
  ),
  term(
    phrase`Listing`,
    phrase`listing, listings`,
    phrase`What a client shows of a folder: the names of the files in it. It comes over a connection of its own, like each file.`,
  ),
  term(
    phrase`Port`,
    phrase`port, ports`,
    phrase`A number that says what a connection to a server is for. FTP begins at port 21 and takes other ports for listings and files.`,
  ),
  term(
    phrase`TCP`,
    phrase`TCP`,
    phrase`The kind of connection over which FTP, WHM and web pages go. A rule of a firewall says for which kind it is.`,
  ),
  term(
    phrase`Range, passive ports, passive FTP`,
    phrase`range, passive`,
    phrase`For each listing and each file the FTP server picks a port of this range, from the first number to the last, and the client connects to it. That is passive FTP. All of these ports must be open in every firewall.`,
  ),
  term(
    phrase`Advertised address`,
    phrase`advertised, are told, is told, must be told, tells clients`,
    phrase`The address that the FTP server tells clients to come to for listings and files. It must be the one under which the internet reaches this server.`,
  ),
  term(
    phrase`Private address`,
    phrase`private, local address`,
    phrase`An address of an inside network, like 10.0.0.5 or 192.168.1.5. From the internet it leads nowhere.`,
  ),
  term(
    phrase`NAT, NAT map`,
    phrase`NAT, cpnat`,
    phrase`A router or cloud that gives the server another address outside than it has itself. The FTP server then has to be told which one to name. WHM keeps a list of both, the NAT map.`,
  ),
  term(
    phrase`IPv4, IPv6`,
    phrase`IPv4, IPv6`,
    phrase`The two kinds of addresses of the internet, 203.0.113.10 and 2001:db8::1. Each has firewall rules of its own.`,
  ),
  term(
    phrase`PASV, EPSV`,
    phrase`PASV, EPSV`,
    phrase`The two commands by which a client asks for passive mode. After PASV the server names an address and a port; after EPSV only a port, and the client takes the address that it has logged in at.`,
  ),
  term(
    phrase`TLS`,
    phrase`TLS`,
    phrase`What encrypts a connection. With it no router on the way can read and mend the address, so the server must name the right one by itself.`,
  ),
  term(
    phrase`Firewall here, firewall outside`,
    phrase`firewall outside, provider, providers, cloud, clouds, security group, security groups`,
    phrase`The first one runs on this server, and the plugin can ask and change it. The second one is your provider’s or your cloud’s, which some call a security group; only you can change it, in their control panel.`,
  ),
  term(
    phrase`nftables, iptables, csf, firewalld, ufw`,
    phrase`nftables, iptables, csf, firewalld, ufw`,
    phrase`Programs that make the rules of a firewall. On a server one of them is in charge.`,
  ),
  term(
    phrase`Rule, chain, table`,
    phrase`rule, rules, chain, chains`,
    phrase`A rule is one line of a firewall: it lets some connections in, or stops them. Rules stand in lists, called chains, and these in tables. A list is read from its top, and the first rule that decides ends it.`,
  ),
  term(
    phrase`Dropped, rejected`,
    phrase`dropped, rejected`,
    phrase`Two ways in which a firewall keeps somebody out: without an answer, so that the client waits in vain, or with one, so that it fails at once.`,
  ),
  term(
    phrase`Copy of the firewall`,
    phrase`copy of the rules, copy of the firewall, copy of this firewall`,
    phrase`All rules of this server, loaded into a network that nobody else uses, where the plugin makes real connections to see what the rules do. The real firewall is not touched by that.`,
  ),
  term(
    phrase`ICMPv6`,
    phrase`ICMPv6, icmpv6`,
    phrase`The messages by which computers find each other over IPv6. A firewall that stops them stops everything over IPv6.`,
  ),
  term(
    phrase`Pure-FTPd, ProFTPD`,
    phrase`pure-ftpd, pureftpd, proftpd`,
    phrase`The two FTP servers that WHM has. One of them runs, as chosen in WHM under FTP Server Selection.`,
  ),
  term(
    phrase`Rebuild`,
    phrase`rebuild, rebuilt`,
    phrase`cPanel writes the FTP server’s configuration file anew from WHM’s settings, at updates and when they are saved. What stands only in the file is lost then.`,
  ),
  term(
    phrase`Session`,
    phrase`session, sessions`,
    phrase`One client’s time at the FTP server, from logging in to leaving.`,
  ),
  term(
    phrase`WebSocket`,
    phrase`WebSocket`,
    phrase`A connection between a page and the server that stays open, over which output comes at once. Where there can be none, the same output comes through WHM.`,
  ),
  term(
    phrase`Kernel`,
    phrase`kernel`,
    phrase`The innermost part of the operating system, which makes all connections.`,
  ),
  term(
    phrase`Put back, undo`,
    phrase`put back, undo, undone`,
    phrase`To take away exactly what a run has changed. What others have changed since stays, or you are asked.`,
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
