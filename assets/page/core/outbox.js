// What was said and is not on the server's disk yet: messages, edits, deletions, reactions. Each has a client id, so that
// sending it again never doubles it, and each is kept by the browser, so that neither a lost connection nor a reload loses it.
//
// An item is 'waiting' (for the connection), 'sending', 'sent' (its entry is on the way) or 'failed' (with `error`).

import { passes, told } from './fault.js'
import { clientId } from './ids.js'
import { forget, keep, keysOf, recall } from './memory.js'

/** Asked for at once; the server commits them together. */
const UNDER_WAY_MOST = 32

export class Outbox {
  constructor(store, account, ask) {
    Object.assign(this, { store, ask })
    this.prefix = `outbox.${account}.`
    this.items = new Map()
    this.underWay = 0
    const kept = keysOf(this.prefix).map(key => recall(this.prefix + key)).filter(Boolean)
    // What was refused is tried again when its person says so, and not by a reload.
    for (const item of kept.sort((a, b) => a.at - b.at)) this.items.set(item.client_id, { ...item, state: item.state === 'failed' ? 'failed' : 'waiting' })
  }

  post(conversation, text, replyTo) { this.add('post', { conversation, text, reply_to: replyTo }) }
  edit(conversation, seq, text) { this.add('edit', { conversation, seq, text }) }
  delete(conversation, seq) { this.add('delete', { conversation, seq }) }
  react(conversation, seq, emoji, on) { this.add('react', { conversation, seq, emoji, on }) }

  add(command, fields) {
    const client_id = clientId()
    const item = { client_id, command, fields, at: Date.now(), state: 'waiting' }
    this.items.set(client_id, item)
    keep(this.prefix + client_id, item)
    this.tell(item)
    this.flush()
  }

  /** Sends what waits, in order. Called whenever the link comes online. */
  flush() {
    for (const item of this.items.values()) {
      if (this.store.link !== 'online' || this.underWay >= UNDER_WAY_MOST) return
      if (item.state === 'waiting' && !(item.notBefore > Date.now())) this.send(item)
    }
  }

  async send(item) {
    this.turn(item, 'sending')
    this.underWay++
    try {
      await this.ask(item.command, { ...item.fields, client_id: item.client_id })
      forget(this.prefix + item.client_id)
      if (item.command === 'post' && this.items.has(item.client_id)) this.turn(item, 'sent')
      else this.drop(item)
    } catch (error) {
      if (passes(error)) this.later(item, error)
      else this.refuse(item, told(error))
    } finally {
      this.underWay--
    }
    this.flush()
  }

  refuse(item, error) {
    this.turn(item, 'failed', error)
    // Given up meanwhile: then it is kept no longer.
    if (this.items.has(item.client_id)) keep(this.prefix + item.client_id, item)
  }

  later(item, { code, retryAfter = 1_000 }) {
    this.turn(item, 'waiting')
    if (code === 'lost') return
    item.notBefore = Date.now() + retryAfter
    setTimeout(() => this.flush(), retryAfter + 20)
  }

  /** The entry of an item has arrived: now it stands in the log. */
  arrived(clientId) {
    const item = this.items.get(clientId)
    if (item) this.drop(item)
  }

  retry(clientId) {
    const item = this.items.get(clientId)
    if (!item) return
    this.turn(item, 'waiting')
    keep(this.prefix + clientId, item)
    this.flush()
  }

  drop(item) {
    this.items.delete(item.client_id)
    forget(this.prefix + item.client_id)
    this.tell(item)
  }

  discard(clientId) { this.arrived(clientId) }

  /** What is said and not yet in the log, for the end of a timeline. */
  posts(conversation) {
    return [...this.items.values()].filter(item => item.command === 'post' && item.fields.conversation === conversation)
  }

  /** What is to change about one message. */
  changes(conversation, seq) {
    const about = item => item.command !== 'post' && item.fields.conversation === conversation && item.fields.seq === seq
    return [...this.items.values()].filter(about)
  }

  get waiting() { return [...this.items.values()].filter(item => item.state === 'waiting' || item.state === 'sending').length }

  /** What was refused and nobody has been told of yet. */
  refused() {
    const found = [...this.items.values()].filter(item => item.state === 'failed' && !item.told)
    for (const item of found) item.told = true
    return found
  }

  turn(item, state, error) {
    item.state = state
    item.told = false
    item.error = error
    this.tell(item)
  }

  tell(item) { this.store.changed('pending', `timeline:${item.fields.conversation}`) }
}
