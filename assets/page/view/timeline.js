// A conversation's timeline: lines with their days, what is new, what is not sent yet. Loads on at both ends while it is
// scrolled, keeps what is read in its place, and keeps to the end while the end is in sight.

import { count, dayKey, dayName } from '../core/text.js'
import { told } from '../core/fault.js'
import { button, el, fill, reconcile } from './dom.js'
import { notice } from './notices.js'
import { deedOf, messageOf, signOf } from './message.js'

/** Messages of one author this close together share a head. */
const GROUPED = 5 * 60_000
/** As near to an end, more is loaded. */
const NEAR = 700
/** As near to the end counts as there. */
const AT_END = 48
/** Messages outside of what is loaded that are remembered because somebody replied to them. */
const QUOTES_MOST = 300
/** So many unread messages are read from the first of them on. */
const MANY_UNREAD = 40

export class Timeline {
  /**
   * @param act what can be done with a message: reply, edit, react, …
   * @param target the message to be seen first, if one is asked for
   */
  constructor(frame, id, act, target) {
    Object.assign(this, { frame, id, store: frame.store, house: frame.house, act, target })
    this.rows = el('ol', { class: 'rows', role: 'list' })
    this.note = el('div', { class: 'timeline-note' })
    this.scroller = el('div', { class: 'timeline', tabindex: -1, role: 'region', 'aria-label': 'Messages' }, this.note, this.rows)
    this.latest = button({ text: 'To the latest', icon: 'down', kind: 'latest', press: () => this.toEnd() })
    this.latest.hidden = true
    this.element = el('div', { class: 'timeline-frame' }, this.scroller, this.latest)
    this.view = { store: this.store, house: this.house, act: { ...act, jump: seq => this.goTo(seq) }, quoteOf: seq => this.quoteOf(seq), openName: act.named }
    this.stuck = true
  }

  /** Once it stands in the page: what is not there can't be scrolled. */
  start(scope) {
    const { store, id, scroller } = this
    const { unread, read } = store.conversation(id)
    store.newAfter = unread > 0 ? read : undefined
    this.settled = false
    this.from = this.target ?? (unread > MANY_UNREAD ? read : undefined)
    const loaded = this.from ? this.segment?.has(this.from) : this.segment?.reachesHead
    if (!loaded) store.segments.delete(id)
    scope.watch([`timeline:${id}`, 'pending', 'relations'], () => this.draw())
    scope.on('link', () => store.link === 'online' && this.draw())
    scope.listen(scroller, 'scroll', () => this.scrolled(), { passive: true })
    scope.listen(window, 'focus', () => this.seen())
    scope.listen(document, 'visibilitychange', () => this.seen())
    scope.listen(this.rows, 'keydown', event => this.keys(event))
    scope.listen(this.rows, 'focusin', ({ target }) => this.stopAt(target.closest('.line')))
    const resized = new ResizeObserver(() => this.stuck && this.settled && this.hold())
    resized.observe(scroller)
    resized.observe(this.rows)
    scope.add(() => { resized.disconnect(); store.readsBack = false })
  }

  get segment() { return this.store.segments.get(this.id) }

  async load(around) {
    if (this.store.link !== 'online') return
    this.failure = undefined
    try {
      await this.house.load(this.id, around)
      this.from = undefined
    } catch (error) {
      if (error.code !== 'lost') this.failure = told(error)
      this.draw()
    }
  }

  draw() {
    const { segment } = this
    if (!this.store.conversation(this.id)) return
    if (!segment) {
      this.note.textContent = this.failure ?? 'Loading…'
      if (!this.failure) this.load(this.from)
      return
    }
    this.markNew()
    const held = this.stuck ? undefined : this.heldRow()
    reconcile(this.rows, this.rowsNow(), row => row.key, row => this.make(row), (element, row) => this.update(element, row))
    this.drawEnds(segment)
    if (!this.settled) this.settle()
    else if (this.stuck) this.hold()
    else this.restore(held)
    this.stopAt()
    this.scrolled()
  }

  /** What happened while nobody looked begins at the line of new messages. */
  markNew() {
    const one = this.store.conversation(this.id)
    if (one.unread > 0 && this.store.newAfter === undefined && !document.hasFocus()) this.store.newAfter = one.read
  }

  drawEnds(segment) {
    const { store } = this
    const one = store.conversation(this.id)
    fill(this.note, !segment.reachesStart ? 'Loading earlier messages…'
      : el('div', { class: 'beginning' },
        el('h2', {}, one.room ? ['Welcome to ', el('bdi', { text: one.room.name })] : ['You and ', el('bdi', { text: one.direct.username })]),
        el('p', { text: segment.lines.some(line => line.kind === 'message') ? 'This is where it begins.' : 'Nothing has been said here yet. Say something!' })))
    this.showLatest()
  }

  /** Days, the line of new messages, messages, and what the outbox holds. */
  rowsNow() {
    const { segment, store, house } = this
    const rows = []
    let before, marked = store.newAfter === undefined
    const add = (line, item) => {
      if (!before || dayKey(before.at) !== dayKey(line.at)) {
        rows.push({ key: `day ${dayKey(line.at)}`, kind: 'day', at: line.at })
        before = undefined
      }
      if (!marked && line.seq > store.newAfter && line.kind === 'message' && line.author.id !== store.me.id) {
        rows.push({ key: 'new', kind: 'new' })
        marked = true
        before = undefined
      }
      const message = line.kind === 'message'
      if (message && !this.unfolded && store.isBlocked(line.author.id)) {
        const last = rows.at(-1)
        if (last?.kind === 'fold') last.number++
        else rows.push({ key: `fold ${line.seq}`, kind: 'fold', number: 1 })
        before = line
        return
      }
      const grouped = Boolean(message && before?.kind === 'message' && before.author.id === line.author.id &&
        line.at - before.at < GROUPED && !line.reply_to)
      const changes = item ? [] : house.outbox.changes(this.id, line.seq)
      rows.push({ key: item ? `item ${item.client_id}` : line.seq, kind: message ? 'message' : 'deed', line, grouped, item, changes })
      before = line
    }
    for (const line of segment.lines) add(line)
    if (segment.reachesHead) for (const item of house.outbox.posts(this.id)) add(this.lineOf(item), item)
    return rows
  }

  lineOf({ fields, at }) {
    return { kind: 'message', author: this.store.me, at, text: fields.text, reply_to: fields.reply_to, reactions: [], revision: 0 }
  }

  make({ kind, at }) {
    if (kind === 'day') return el('li', { class: 'day' }, el('span', { text: dayName(at) }))
    if (kind === 'new') return el('li', { class: 'new-line' }, el('span', { text: 'New' }))
    if (kind === 'fold') return el('li', { class: 'line fold', tabindex: -1 }, button({ text: '', kind: 'link', press: () => this.unfold() }))
    return el('li', { class: `line ${kind}`, tabindex: -1 })
  }

  update(element, row) {
    if (row.kind === 'day') {
      element.firstElementChild.textContent = dayName(row.at)
    } else if (row.kind === 'fold') {
      element.firstElementChild.textContent = `${count(row.number, 'message')} from somebody you blocked. Show`
    } else if (row.kind === 'message') {
      const sign = signOf(row) + (row.line.reply_to ? Boolean(this.quoteOf(row.line.reply_to)) : '')
      if (element.dataset.sign === sign) return
      element.dataset.sign = sign
      const inside = element.contains(document.activeElement)
      element.classList.toggle('grouped', row.grouped)
      element.classList.toggle('pending', Boolean(row.item && row.item.state !== 'failed'))
      element.dataset.seq = row.line.seq ?? ''
      fill(element, messageOf(row, this.view))
      if (inside) element.focus({ preventScroll: true })
    } else if (row.kind === 'deed' && !element.hasChildNodes()) {
      element.dataset.seq = row.line.seq
      fill(element, el('p', {}, deedOf(row.line)))
    }
  }

  /** What people say whom one has blocked is shown, until the conversation is left. */
  unfold() {
    this.unfolded = true
    this.draw()
  }

  /** A message that is replied to; asked for once where it isn't loaded. */
  quoteOf(seq) {
    const key = `${this.id}/${seq}`
    const known = this.segment?.get(seq) ?? this.store.quotes.get(key)
    if (known || this.store.quotes.has(key)) return known
    if (this.store.quotes.size >= QUOTES_MOST) this.store.quotes.clear()
    this.store.quotes.set(key, undefined)
    this.house.ask('history', { conversation: this.id, after: seq - 1, limit: 1 }).then(({ entries: [entry] }) => {
      if (entry?.seq !== seq || entry.kind !== 'message') return
      this.store.quotes.set(key, entry)
      this.store.changed(`timeline:${this.id}`)
    }).catch(() => this.store.quotes.delete(key))
    return undefined
  }

  // --- scrolling

  get toEndDistance() { return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight }

  scrolled() {
    const { segment, scroller } = this
    if (!segment || !this.settled) return
    this.stuck = segment.reachesHead && this.toEndDistance < AT_END
    this.store.readsBack = !this.stuck
    if (scroller.scrollTop < NEAR && !segment.reachesStart) this.house.loadEarlier(this.id).catch(() => {})
    if (this.toEndDistance < NEAR && !segment.reachesHead) this.house.loadLater(this.id).catch(() => {})
    this.showLatest()
    this.seen()
  }

  showLatest() {
    this.latest.hidden = this.stuck || (this.segment?.reachesHead && this.toEndDistance < 400)
  }

  /** Everything up to the end has been seen, if somebody is looking. */
  seen() {
    if (this.stuck && this.settled && document.hasFocus() && !document.hidden) this.house.markRead(this.id)
  }

  hold() { this.scroller.scrollTop = this.scroller.scrollHeight }

  /** The first line in sight, and where it is. (A day is no line: what comes before it may be of that day, too.) */
  heldRow() {
    const top = this.scroller.getBoundingClientRect().top
    for (const row of this.rows.querySelectorAll('.line')) {
      const box = row.getBoundingClientRect()
      if (box.bottom > top) return { row, top: box.top }
    }
    return undefined
  }

  restore(held) {
    if (held?.row.isConnected) this.scroller.scrollTop += held.row.getBoundingClientRect().top - held.top
  }

  /** The first look: at the message that was asked for, at the first new one, or at the end. */
  settle() {
    this.settled = true
    const wanted = this.target && this.row(this.target)
    const fresh = this.rows.querySelector('.new-line')
    if (wanted) return this.point(wanted)
    this.hold()
    if (this.target) this.missed()
    if (fresh && fresh.getBoundingClientRect().top < this.scroller.getBoundingClientRect().top) fresh.scrollIntoView({ block: 'start' })
  }

  row(seq) { return this.rows.querySelector(`.line[data-seq="${Number(seq)}"]`) }

  async goTo(seq) {
    this.target = seq
    if (!this.row(seq)) {
      this.settled = false
      await this.load(seq)
    }
    const row = this.row(seq)
    if (row) this.point(row)
    else if (this.settled) this.missed()
    else this.store.changed(`timeline:${this.id}`)
  }

  missed() {
    this.target = undefined
    notice('The message is not there (any more).')
  }

  point(row) {
    this.target = undefined
    this.stuck = false
    row.scrollIntoView({ block: 'center' })
    row.classList.add('pointed')
    setTimeout(() => row.classList.remove('pointed'), 2_400)
    this.stopAt(row)
    row.focus({ preventScroll: true })
  }

  async toEnd() {
    if (!this.segment?.reachesHead) await this.load()
    this.stuck = true
    this.hold()
    this.scrolled()
  }

  // --- keys

  /** One line is a stop of the tab key. */
  stopAt(line) {
    const now = this.rows.querySelector('.line[tabindex="0"]')
    const stop = line ?? now ?? this.rows.querySelector('.line:last-child')
    if (stop === now) return
    now?.setAttribute('tabindex', -1)
    stop?.setAttribute('tabindex', 0)
  }

  keys(event) {
    const line = event.target.closest('.line')
    if (!line || event.ctrlKey || event.metaKey || event.altKey) return
    const lines = [...this.rows.querySelectorAll('.line')]
    const at = lines.indexOf(line)
    const to = { ArrowUp: lines[at - 1], ArrowDown: lines[at + 1], Home: lines[0], End: lines.at(-1) }
    if (event.key in to) {
      event.preventDefault()
      return to[event.key]?.focus()
    }
    if (event.target !== line || !line.classList.contains('message')) return
    const message = this.segment.get(Number(line.dataset.seq))
    const does = message && !message.deleted && this.byKey(message, line)[event.key]
    if (!does) return
    event.preventDefault()
    does()
  }

  byKey(message, line) {
    const { act } = this
    const mine = message.author.id === this.store.me.id
    return {
      r: () => act.reply(message),
      e: mine && (() => act.edit(message)),
      '+': () => act.pick(message, line),
      c: () => act.copy(message),
      Delete: act.mayDelete(message) && (() => act.remove(message)),
      Enter: () => act.more(message, line),
    }
  }
}
