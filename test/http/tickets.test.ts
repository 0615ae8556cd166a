import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createTickets, TICKET_LIFETIME, type Tickets } from '../../src/http/tickets.ts';

describe('a ticket', () => {
  const binding = { user: 'root', session: '/cpsess1', run: 'r-1', origin: 'https://server.example:2087' };
  let now = 0;
  let tickets: Tickets;

  beforeEach(() => {
    now = 1000;
    tickets = createTickets(() => now, randomBytes);
  });

  it('works once', () => {
    const { ticket, expires } = tickets.mint(binding);
    assert.match(ticket, /^[\w-]{43}$/);
    assert.equal(expires, 1000 + TICKET_LIFETIME);
    assert.equal(tickets.alive(), 1);
    const redeemed = tickets.redeem(ticket, 'r-1', binding.origin);
    assert.equal(redeemed?.session, '/cpsess1');
    assert.equal(tickets.redeem(ticket, 'r-1', binding.origin), null);
    assert.equal(tickets.alive(), 0);
  });

  it('stops working after 30 seconds', () => {
    const { ticket } = tickets.mint(binding);
    now += 29_999;
    assert.ok(tickets.expects(binding.origin));
    now += 1;
    assert.equal(tickets.expects(binding.origin), false);
    assert.equal(tickets.redeem(ticket, 'r-1', binding.origin), null);
  });

  it('is spent by an attempt on another run or from another origin', () => {
    for (const [run, origin] of [
      ['r-2', binding.origin],
      ['r-1', 'https://other.example'],
    ] as const) {
      const { ticket } = tickets.mint(binding);
      assert.equal(tickets.redeem(ticket, run, origin), null);
      assert.equal(tickets.redeem(ticket, 'r-1', binding.origin), null);
    }
  });

  it('is unknown to who made it up', () => {
    tickets.mint(binding);
    assert.equal(tickets.redeem('x'.repeat(43), 'r-1', binding.origin), null);
    assert.equal(tickets.alive(), 1);
  });

  it('is expected from the page’s origin only', () => {
    tickets.mint(binding);
    assert.equal(tickets.expects('https://other.example:2087'), false);
    assert.equal(tickets.expects('null'), false);
  });

  it('gives way to newer ones when too many wait', () => {
    const first = tickets.mint(binding).ticket;
    for (let i = 0; i < 256; i++) tickets.mint(binding);
    assert.equal(tickets.alive(), 256);
    assert.equal(tickets.redeem(first, 'r-1', binding.origin), null);
  });

  it('comes from the randomness that was handed in', () => {
    const fixed = createTickets(
      () => now,
      (bytes) => createHash('sha256').update(String(bytes)).digest(),
    );
    const { ticket } = fixed.mint(binding);
    assert.equal(ticket, createHash('sha256').update('32').digest('base64url'));
  });
});
