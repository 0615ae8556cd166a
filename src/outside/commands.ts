import { phrase } from '../core/phrase.ts';
import { triedOf, type Proof } from './proof.ts';

/** A command for another machine, for people to copy. It needs nothing but what its name says. */
export interface Command {
  readonly name: 'bash' | 'curl' | 'PowerShell';
  readonly where: string;
  readonly text: string;
}

type Tries = Pick<Proof, 'subject' | 'ports' | 'witnesses' | 'withheld'>;

/** A try that has met nothing by then has met a rule that drops. Seconds. */
const WAIT = 5;

/** The same tries for three shells; each says for every port what it has met. */
export function commandsFor(proof: Tries & Pick<Proof, 'token'>): Command[] {
  const targets = targetsOf(proof);
  const { token } = proof;
  const no = 'did not get through';
  const list = targets.map((target) => `'${target}'`).join(' ');
  const inBash = 'exec 3<>"/dev/tcp/$1/$2" && echo "$3" >&3 && read -r word <&3 && echo "$0 $word"';
  const each = [
    `$h,$p = $_ -split ':(?=\\d+$)'`,
    `$c = New-Object Net.Sockets.TcpClient([Net.Sockets.AddressFamily]::${isIpv6(proof) ? 'InterNetworkV6' : 'InterNetwork'})`,
    `try { if (-not $c.ConnectAsync($h.Trim('[', ']'), [int]$p).Wait(${WAIT * 1000})) { throw 'late' }; $c.ReceiveTimeout = ${WAIT * 1000}; $s = $c.GetStream(); $w = New-Object IO.StreamWriter $s; $w.WriteLine('${token}'); $w.Flush(); "$_ " + (New-Object IO.StreamReader $s).ReadLine() } catch { "$_ ${no}" } finally { $c.Close() }`,
  ].join('; ');
  return [
    {
      name: 'bash',
      where: 'Linux',
      text: `(for t in ${list}; do { h=\${t%:*}; h=\${h#[}; timeout ${WAIT} bash -c '${inBash}' "$t" "\${h%]}" "\${t##*:}" ${token} 2>/dev/null || echo "$t ${no}"; } & done; wait)`,
    },
    {
      name: 'curl',
      where: phrase`macOS, and Linux with curl`,
      text: `(for t in ${list}; do { curl -sg -m ${WAIT} --noproxy '*' -o /dev/null "http://$t/${token}" && echo "$t arrived" || echo "$t ${no}"; } & done; wait)`,
    },
    {
      name: 'PowerShell',
      where: 'Windows',
      text: `${targets.map((target) => `'${target}'`).join(',')} | ForEach-Object { ${each} }`,
    },
  ];
}

/** Every try as `HOST:PORT`. */
export function targetsOf({ subject, ports, witnesses, withheld }: Tries): string[] {
  const at = (host: string, port: number): string =>
    host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const { address, witness } = subject;
  return [
    ...triedOf(ports, withheld).map((port) => at(address, port)),
    ...(witness === null ? [] : triedOf(witnesses, withheld).map((port) => at(witness, port))),
  ];
}

function isIpv6({ subject }: Pick<Proof, 'subject'>): boolean {
  return subject.address.includes(':');
}
