import assert from 'node:assert/strict';
import { NO_RULES } from '../../src/firewall/ruleset.ts';
import { tools } from '../../src/system/programs.ts';
import { openReal } from './real.ts';
import { openRealTwin, written } from './twins.ts';

const LINKS = [{ name: 'eth0', addresses: ['10.99.0.1/24'] }];
const RULES = `table inet filter {
	chain INPUT {
		type filter hook input priority filter; policy accept;
		tcp dport 22 accept
		tcp dport 50000-50010 jump {
			tcp dport 50005 drop
		}
		tcp dport 50008 reject
	}
}
`;

describe('a chain without a name', function () {
  this.timeout(20_000);

  it('decides in the twin as it does on the server, though nft lists none of its rules alone', async () => {
    const live = await openReal(RULES);
    const listing = await live.run([tools.nft, '-a', '-s', 'list', 'ruleset']);
    await live.close();
    for (const rules of [{ ...NO_RULES, nft: listing.stdout, listed: true } as const, RULES]) {
      const twin = await openRealTwin(rules, LINKS);
      const { ipv4 } = await twin.ask([50_000, 50_010], ['ipv4']);
      await twin.close();
      assert.ok(ipv4);
      assert.equal(written(ipv4.open), '50000-50004,50006-50007,50009-50010');
      const [inside, after] = ipv4.blocked;
      assert.match(inside?.rule ?? '', /^inet filter __chain\d+: a rule of a chain without a name$/);
      assert.deepEqual(inside?.how, 'unknown');
      assert.deepEqual(
        [after?.range, after?.how, after?.rule],
        [[50_008, 50_008], 'reject', 'inet filter INPUT: tcp dport 50008 reject'],
      );
    }
  });
});
