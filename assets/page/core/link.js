// The WebSocket to the native door: requests and their answers, events, and coming back when it is lost.
//
// `Link` stays connected until it is closed. Each new socket is first given to `greet`, which logs in and catches up; only
// then is the link online and `ask` open to everybody else. `askOnce` is for what needs no login. Nothing here knows
// what the commands mean.

import { Fault, Lost } from './fault.js'

/** Heard nothing for so long: ask for a sign of life. */
const QUIET = 25_000
/** Heard nothing for so long: the connection is dead, whatever the browser believes. */
const SILENT = 45_000
const FIRST_WAIT = 400
const LONGEST_WAIT = 20_000
/** The longest request the server takes, in bytes. */
const REQUEST_MOST = 65_536
/** How long a socket may take to open and greet. */
const OPENING = 15_000

export const address = () => new URL('titan', document.baseURI).href.replace(/^http/, 'ws')

/** One socket: numbers requests and hands each its answer. */
class Socket {
  constructor(url, { opened, heard, closed }) {
    this.waiting = new Map()
    this.last = 0
    this.heardAt = Date.now()
    this.socket = new WebSocket(url)
    this.socket.onopen = opened
    this.socket.onmessage = ({ data }) => this.take(data, heard)
    this.socket.onclose = () => this.end(closed)
  }

  ask(command, fields = {}) {
    if (this.socket.readyState !== WebSocket.OPEN) return Promise.reject(new Lost())
    const id = ++this.last
    const request = JSON.stringify({ id, do: command, ...fields })
    // The server would end the connection at that, and it would be tried again and again.
    if (new Blob([request]).size > REQUEST_MOST) return Promise.reject(new Fault({ code: 'too_large', message: 'That is too long to be sent at once. Send it in parts, or as a file.' }))
    const { promise, resolve, reject } = Promise.withResolvers?.() ?? deferred()
    this.waiting.set(id, { resolve, reject })
    this.socket.send(request)
    return promise
  }

  take(data, heard) {
    this.heardAt = Date.now()
    const message = JSON.parse(data)
    if (message.event) return heard(message)
    const call = this.waiting.get(message.id)
    if (!call) return
    this.waiting.delete(message.id)
    if (message.error) call.reject(new Fault(message.error))
    else call.resolve(message.ok)
  }

  /** Ends it now, without waiting for a peer that may be gone. */
  end(closed = this.socket.onclose) {
    this.socket.onclose = this.socket.onmessage = this.socket.onopen = null
    this.socket.close()
    for (const { reject } of this.waiting.values()) reject(new Lost())
    this.waiting.clear()
    closed?.()
  }
}

function deferred() {
  const made = {}
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }))
  return made
}

/** Asks one thing on a connection of its own: registering, logging in, a forgotten password. */
export function askOnce(command, fields) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.end(), OPENING)
    const socket = new Socket(address(), {
      opened: () => socket.ask(command, fields).then(resolve, reject).finally(() => socket.end(() => {})),
      heard: () => {},
      closed: () => { clearTimeout(timer); reject(new Lost()) },
    })
  })
}

export class Link {
  /**
   * @param greet async (ask) => …: logs a new socket in. A `Fault` from it ends the link for good, and is told by `refused`.
   * @param heard (event) => …
   * @param changed (state) => …: 'connecting', 'online', 'waiting' (with `retryAt`), 'closed'
   */
  constructor({ greet, heard, changed, refused }) {
    Object.assign(this, { greet, heard, changed, refused })
    this.state = 'connecting'
    this.failures = 0
    this.hurry = () => this.comeBackNow()
    // A browser that knows it is offline tells so at once, and would leave the socket to silence.
    this.sever = () => this.state !== 'closed' && this.socket.end()
    addEventListener('online', this.hurry)
    addEventListener('offline', this.sever)
    document.addEventListener('visibilitychange', this.hurry)
    this.pulse = setInterval(() => this.feel(), 5_000)
    this.connect()
  }

  ask(command, fields) {
    return this.state === 'online' ? this.socket.ask(command, fields) : Promise.reject(new Lost())
  }

  connect() {
    clearTimeout(this.timer)
    this.turn('connecting')
    this.farewell = undefined
    const socket = new Socket(address(), {
      opened: () => this.begin(socket),
      heard: event => this.hear(event),
      closed: () => this.lost(socket),
    })
    this.socket = socket
    this.timer = setTimeout(() => socket.end(), OPENING)
  }

  async begin(socket) {
    try {
      await this.greet((command, fields) => socket.ask(command, fields))
      if (socket !== this.socket || this.state === 'closed') return
      clearTimeout(this.timer)
      this.failures = 0
      this.turn('online')
    } catch (error) {
      if (error instanceof Fault && !['rate_limited', 'unavailable', 'internal'].includes(error.code)) {
        this.close()
        this.refused(error)
      } else {
        socket.end()
      }
    }
  }

  hear(event) {
    if (event.event !== 'goodbye') return this.heard(event)
    if (event.retry_after_ms === undefined) {
      this.close()
      this.refused(new Fault({ code: 'bad_token', message: event.reason }))
    } else {
      this.farewell = event.retry_after_ms
    }
  }

  /** Waits longer after each failure, and never as long as the others do, so that a restarted server isn't stormed. */
  lost(socket) {
    if (socket !== this.socket || this.state === 'closed') return
    clearTimeout(this.timer)
    const most = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.failures++)
    const wait = (this.farewell ?? 0) / 2 + most / 2 + Math.random() * most / 2
    this.retryAt = Date.now() + wait
    this.turn('waiting')
    this.timer = setTimeout(() => this.connect(), wait)
  }

  comeBackNow() {
    if (document.visibilityState === 'hidden') return
    if (this.state === 'waiting') this.connect()
    else this.feel()
  }

  /** Is anybody there? Browsers answer the server's pings without telling, so this asks by itself. */
  feel() {
    if (this.state !== 'online') return
    const silence = Date.now() - this.socket.heardAt
    if (silence > SILENT && this.asked) this.socket.end()
    else if (silence > QUIET && !this.asked) {
      this.asked = true
      this.socket.ask('ping').catch(() => {}).finally(() => { this.asked = false })
    }
  }

  close() {
    this.turn('closed')
    clearTimeout(this.timer)
    clearInterval(this.pulse)
    removeEventListener('online', this.hurry)
    removeEventListener('offline', this.sever)
    document.removeEventListener('visibilitychange', this.hurry)
    this.socket.end(() => {})
  }

  turn(state) {
    this.state = state
    this.changed(state)
  }
}
