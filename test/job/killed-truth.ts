import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Status } from '../../src/core/status.ts';
import { ADDRESS } from '../sandbox/lab.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { connectTo, type FtpAnswer, probe, transfer } from '../sandbox/transfer.ts';
import type { Told } from './killed-remains.ts';
import { json } from './scene.ts';

const RANGE = [49_152, 65_534] as const;
const SAMPLES = [RANGE[0], 57_000, RANGE[1]];
const STORES = '/var/cpanel/conf/pureftpd';

/** What a client on the internet meets, and what stands in the server's files. */
interface Facts {
  readonly answer: FtpAnswer | null;
  /** The server's main address as it knows it itself. */
  readonly own: string;
  readonly works: boolean;
  readonly open: Readonly<Record<'ipv4' | 'ipv6', boolean>>;
  readonly configured: readonly number[];
}

/** Holds what status says against the facts. @throws AssertionError */
export async function checkTruth(sandbox: Sandbox, told: Told | null): Promise<void> {
  const [{ code, document: status }, facts] = await Promise.all([
    json(sandbox.server, 'status'),
    factsOf(sandbox),
  ]);
  try {
    checkStatus(status, facts, told);
    assert.equal(code, status.ok === true ? 0 : 1);
  } catch (error) {
    const said = { ok: status.ok, ftp: status.ftp, findings: status.findings };
    throw new Error(`${String(error)}\n${JSON.stringify({ told, facts, said }, null, 1)}`, { cause: error });
  }
}

function checkStatus({ ok, ftp, firewall, findings }: Status, facts: Facts, told: Told | null): void {
  const { answer, works, open, configured } = facts;
  const bad = findings.filter(({ level }) => level === 'bad').map(({ id }) => id);
  const cutOff = told !== null && told.changed && !told.ended;
  assert.equal(bad.includes('run-interrupted'), cutOff, 'a run that was cut off');
  assert.equal(ftp.running, answer !== null, 'the server runs');
  assert.deepEqual(ftp.range.configured, configured, 'the range in the stores');
  if (answer !== null) {
    // A server that is told no address names its own.
    assert.equal(ftp.passiveAddress.live ?? facts.own, answer.pasv?.address, 'the address');
    assert.equal(bad.includes('address-wrong'), answer.pasv?.address !== ADDRESS.public, 'a wrong address');
    const [low = 0, high = 0] = ftp.range.live ?? [];
    for (const port of [answer.pasv?.port ?? 0, answer.epsv?.port ?? 0])
      assert.ok(port >= low && port <= high, `port ${port} in ${low}-${high}`);
  }
  for (const family of ['ipv4', 'ipv6'] as const) {
    const said = firewall.reach[family]?.open.some(([low, high]) => low <= RANGE[0] && high >= RANGE[1]);
    assert.equal(said, open[family], `the firewall, ${family}`);
    assert.equal(bad.includes(`range-blocked-${family}`), !open[family], `blocked, ${family}`);
  }
  if (ok === true) assert.ok(works, 'it says that transfers work');
  if (!works) assert.equal(ok, false, 'it does not say that transfers fail');
  // Transfers may work with more steps to come; what is bad then is that, and nothing of what clients meet.
  const felt = bad.filter((id) => id !== 'run-interrupted' && !id.startsWith('boot-'));
  assert.equal(felt.length === 0, works, `${felt.join(', ')}; it ${works ? 'works' : 'fails'}`);
  if (told?.ended === true) assert.equal(ok, true, 'a run that came to its end');
  if (cutOff) assert.equal(ok, false, 'a run that was cut off');
}

async function factsOf({ server, client }: Sandbox): Promise<Facts> {
  const isOpen = async (host: string): Promise<boolean> => {
    const met = [...(await connectTo(client, SAMPLES, host)).values()];
    return met.every((each) => each === 'open' || each === 'refused');
  };
  const [answer, { ok }, ipv4, ipv6] = await Promise.all([
    probe(client).catch(() => null),
    transfer(client, 'curl', 'PASV'),
    isOpen(ADDRESS.public),
    isOpen(ADDRESS.ipv6),
  ]);
  const stores = ['local', 'main'].map((name) => readFileSync(`${server.root}${STORES}/${name}`, 'utf8'));
  const lines = stores.flatMap((text) => /^PassivePortRange: (\d+) (\d+)$/m.exec(text) ?? []);
  const configured = lines.length === 0 ? [...RANGE] : lines.slice(1, 3).map(Number);
  const own = readFileSync(`${server.root}/var/cpanel/mainip`, 'utf8').trim();
  return { answer, own, works: ok, open: { ipv4, ipv6 }, configured };
}
