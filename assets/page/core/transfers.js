// Files on their way, up and down: a few at a time, each with its progress, each to be cancelled and tried again.
//
// A transfer: { id, kind: 'up' | 'down', name, size, done, state: 'waiting' | 'moving' | 'done' | 'failed', error, isFinal, conversation, text }

import { download, save } from './download.js'
import { told } from './fault.js'
import { upload } from './upload.js'

const AT_ONCE = 2

export class Transfers {
  /** @param givenUp called with a file that was not sent and will not be */
  constructor(store, givenUp) {
    Object.assign(this, { store, givenUp })
    this.all = new Map()
    this.last = 0
  }

  /** A file for a conversation. */
  sendFile(file, conversation, text = '') {
    const work = (transfer, options) => upload(this.store.me.id, file, { conversation, text }, options)
    return this.add({ kind: 'up', name: file.name, size: file.size, conversation, text }, work)
  }

  /** An app for the repository. */
  sendApp(file, { name, description, category, version }) {
    const work = (transfer, options) => upload(this.store.me.id, file, { name, description, category, version }, options)
    return this.add({ kind: 'up', name: file.name, size: file.size }, work)
  }

  fetchFile(file) { return this.fetch(`api/files/${file.id}`, file.name, file) }
  fetchApp(app) { return this.fetch(`api/download/${app.id}`, app.file_name, app) }

  fetch(path, name, { size, sha256 }) {
    const work = async (transfer, options) => {
      save(await download({ path, size, sha256 }, options), name)
      transfer.checked = sha256
    }
    return this.add({ kind: 'down', name, size }, work)
  }

  add(fields, work) {
    const transfer = { id: ++this.last, done: 0, state: 'waiting', ...fields, work }
    this.all.set(transfer.id, transfer)
    transfer.ended = new Promise(resolve => { transfer.settle = resolve })
    this.tell()
    this.next()
    return transfer
  }

  next() {
    const moving = [...this.all.values()].filter(transfer => transfer.state === 'moving').length
    const waiting = [...this.all.values()].find(transfer => transfer.state === 'waiting')
    if (waiting && moving < AT_ONCE) this.move(waiting)
  }

  async move(transfer) {
    const stop = transfer.stop = new AbortController()
    transfer.state = 'moving'
    this.tell()
    const progress = done => { transfer.done = done; this.tell() }
    try {
      transfer.result = await transfer.work(transfer, { signal: stop.signal, progress })
      Object.assign(transfer, { state: 'done', done: transfer.size })
      transfer.settle(transfer.result)
      setTimeout(() => this.drop(transfer), 8_000)
    } catch (error) {
      if (!stop.signal.aborted) Object.assign(transfer, { state: 'failed', error: told(error), isFinal: isFinal(error) })
    }
    this.tell()
    this.next()
  }

  retry(transfer) {
    Object.assign(transfer, { state: 'waiting', error: undefined })
    this.tell()
    this.next()
  }

  /** Ends it, wherever it is, and forgets it. */
  drop(transfer) {
    if (transfer.state !== 'done' && transfer.text) this.givenUp(transfer)
    if (transfer.state !== 'done') transfer.stop?.abort(new DOMException('Given up', 'AbortError'))
    this.all.delete(transfer.id)
    transfer.settle(transfer.result)
    this.tell()
    this.next()
  }

  stop() {
    for (const transfer of this.all.values()) this.drop(transfer)
  }

  /** Whether something of ours is on its way to the server. */
  get isSending() { return [...this.all.values()].some(({ kind, state }) => kind === 'up' && (state === 'moving' || state === 'waiting')) }

  tell() { this.store.changed('transfers') }
}

/** Refused for what it is: the same again would be refused again. (460 is a file that was damaged on its way.) */
const isFinal = ({ code = '' }) => /^http_4/.test(code) && code !== 'http_460'
