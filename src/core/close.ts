/**
 * Why a follower's socket was closed, by the names that the server and the page share. The codes are RFC 6455's where
 * one fits. The WebSocket library closes with two more by itself: 1007 for text that is not UTF-8, 1009 for a message
 * over 64 KiB. A browser shows 1006 for a connection that ended without a word.
 */
export const CLOSE = {
  /** The run has ended, and all was sent. */
  end: 1000,
  /** The daemon ends; a new ticket starts it again. */
  leaving: 1001,
  /** No attach message in time, a bad one, a ticket that is not good, or a second message. */
  policy: 1008,
  /** The recording cannot be read. */
  failed: 1011,
  /** Nobody has shown through WHM, for as long as a lease lasts, that this login is still let in. */
  leaseOver: 4001,
} as const;
