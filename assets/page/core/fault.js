// What can go wrong, told so that a person knows what to do. The server's faults pass through as they are: their
// messages are written for people.

/** A refusal by the server. `code` is one of PROTOCOL.md's. */
export class Fault extends Error {
  constructor({ code, message, retry_after_ms, field }) {
    super(message)
    this.code = code
    this.field = field
    this.retryAfter = retry_after_ms
  }
}

/** The connection is not there, or went away before the answer came. */
export class Lost extends Error {
  constructor() {
    super('There is no connection to the server just now. Try again in a moment.')
    this.code = 'lost'
  }
}

/** Whether trying again later, without changing anything, may help. */
export const passes = error => ['lost', 'rate_limited', 'unavailable'].includes(error.code)

/** What to show of any error. */
export const told = error => error?.message || 'Something went wrong. Try again.'
