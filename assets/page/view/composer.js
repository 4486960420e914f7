// Where one writes: a line with its draft, what it answers or changes, files that are to go with it.

import { draftOf, keepDraft } from '../core/drafts.js'
import { FOREVER } from '../core/store.js'
import { told } from '../core/fault.js'
import { shortTimeOf } from '../core/text.js'
import { Completions } from './completions.js'
import { button, el, fill, name } from './dom.js'
import { takeDrops } from './drop.js'
import { pickEmoji } from './emoji.js'
import { isTyped } from './keyboard.js'
import { said } from './message.js'
import { notice } from './notices.js'
import { Staging } from './staging.js'

const TEXT_MOST = 16_000

export class Composer {
  constructor(frame, id, timeline) {
    Object.assign(this, { frame, id, timeline, store: frame.store, house: frame.house })
    this.draft = draftOf(this.store.me.id, id)
    this.about = el('div', { class: 'composer-about', hidden: true })
    this.typing = el('p', { class: 'typing', 'aria-live': 'off' })
    this.input = el('textarea', {
      rows: 1, 'aria-label': `Message to ${this.store.name(this.store.conversation(id))}`, dir: 'auto',
      autocomplete: 'off', 'aria-controls': 'completions', 'aria-autocomplete': 'list',
      enterkeyhint: matchMedia('(pointer: coarse)').matches ? 'enter' : 'send',
    })
    this.completions = new Completions(this.input, () => this.store.members.get(id) ?? [], () => this.changed())
    this.staging = new Staging(this.house.stagedFor(id), () => { this.drawPlaceholder(); this.focus() })
    this.file = el('input', { type: 'file', multiple: true, class: 'unseen', tabindex: -1, 'aria-label': 'Files to send', on: { change: () => this.stage(this.file.files) } })
    this.attach = button({ label: 'Add files', icon: 'attach', kind: 'quiet', press: () => this.file.click() })
    this.emoji = button({ label: 'Insert an emoji', icon: 'smile', kind: 'quiet wide-only', press: event => pickEmoji(event.currentTarget, emoji => this.insert(emoji)) })
    this.send = button({ label: 'Send', icon: 'send', kind: 'primary send', press: () => this.submit() })
    this.count = el('span', { class: 'composer-count', role: 'status' })
    this.element = el('form', { class: 'composer', 'aria-label': 'Write', on: { submit: event => { event.preventDefault(); this.submit() } } },
      this.typing, this.about, this.staging.list, this.completions.element,
      el('div', { class: 'composer-row' }, this.attach, this.file, this.input, this.count, this.emoji, this.send))
    this.start(frame.scope)
  }

  start(scope) {
    scope.listen(this.input, 'input', () => this.changed())
    scope.listen(this.input, 'keydown', event => this.keys(event))
    scope.listen(this.input, 'blur', () => this.completions.hide())
    scope.listen(this.input, 'paste', event => {
      if (event.clipboardData.files.length === 0) return
      event.preventDefault()
      this.stage(event.clipboardData.files)
    })
    takeDrops(scope, this.frame.main, { mayTake: () => !document.querySelector('dialog[open]'), take: files => this.stage(files) })
    scope.watch([`typing:${this.id}`], () => this.drawTyping())
    scope.watch(['conversations'], () => this.drawMuted())
    scope.on(`draft:${this.id}`, () => this.takeBack())
    scope.add(() => { this.staging.end(); clearTimeout(this.unmuting) })
    this.showDraft()
    queueMicrotask(() => this.grow())
  }

  focus() { this.input.focus() }

  stage(files) {
    if (this.input.disabled) return notice('You are muted here, and can send no files.', { kind: 'error' })
    if (this.draft.edit) this.leaveEdit()
    this.staging.add(files)
    this.file.value = ''
  }

  // --- what is written

  changed() {
    this.grow()
    if (this.draft.edit) this.draft.edit.text = this.input.value
    else this.draft.text = this.input.value
    this.keep()
    const surplus = this.input.value.length > TEXT_MOST ? [...this.input.value].length - TEXT_MOST : 0
    this.count.textContent = surplus > 0 ? `${surplus} too many` : ''
    if (this.input.value.trim() && !this.draft.edit) this.house.typing(this.id)
    this.completions.complete()
  }

  keep() { keepDraft(this.store.me.id, this.id, this.draft) }

  /** A line that could not be sent comes back, unless another one is being written. */
  takeBack() {
    if (this.draft.text || this.draft.edit) return
    this.draft = draftOf(this.store.me.id, this.id)
    this.showDraft()
  }

  grow() {
    this.input.style.setProperty('height', 'auto')
    this.input.style.setProperty('height', `${Math.min(this.input.scrollHeight, innerHeight * 0.4)}px`)
  }

  insert(text) {
    this.input.setRangeText(text, this.input.selectionStart, this.input.selectionEnd, 'end')
    this.input.focus()
    this.changed()
  }

  submit() {
    const { edit, reply } = this.draft
    const text = written(this.input.value)
    const files = this.staging.files.length > 0
    if (this.input.disabled || (!text && !files && !edit?.file)) return this.input.focus()
    if ([...text].length > TEXT_MOST) return notice(`A message may have at most ${TEXT_MOST.toLocaleString()} characters. Send it as a file, or in parts.`, { kind: 'error' })
    if (edit) {
      if (text !== edit.was) this.house.outbox.edit(this.id, edit.seq, text)
      return this.leaveEdit()
    }
    if (files) this.sendFiles(text, reply)
    else this.house.outbox.post(this.id, text, reply?.seq)
    this.house.typedAt.delete(this.id)
    this.store.newAfter = undefined
    this.draft = { text: '' }
    this.keep()
    this.showDraft()
    this.timeline.toEnd().catch(error => notice(told(error)))
  }

  /** The first takes the caption. A file itself answers nothing, so an answer goes before them. */
  sendFiles(text, reply) {
    if (reply && text) this.house.outbox.post(this.id, text, reply.seq)
    let caption = reply ? '' : text
    for (const file of this.staging.take()) {
      this.house.transfers.sendFile(file, this.id, caption)
      caption = ''
    }
  }

  // --- replying and editing

  reply(message) {
    this.draft.edit = undefined
    this.draft.reply = { seq: message.seq, username: message.author.username, said: said(message) }
    this.keep()
    this.showDraft()
    this.focus()
  }

  edit({ seq, at, text, file }) {
    this.draft.edit = { seq, at, was: text, text, file: Boolean(file) }
    this.keep()
    this.showDraft()
    this.focus()
  }

  /** The line, and above it what it is for. */
  showDraft() {
    const { text, reply, edit } = this.draft
    this.input.value = edit ? edit.text : text
    this.about.hidden = !edit && !reply
    const cancel = press => button({ label: 'Cancel', icon: 'close', kind: 'quiet small', press })
    if (edit) fill(this.about, el('span', {}, 'Change your message', el('span', { class: 'composer-quote', text: shortTimeOf(edit.at) })), cancel(() => this.giveUpEdit()))
    else if (reply) fill(this.about, el('span', {}, 'Reply to ', name(reply.username), el('span', { class: 'composer-quote', dir: 'auto', text: reply.said })), cancel(() => this.leaveReply()))
    else fill(this.about)
    this.count.textContent = ''
    this.completions.hide()
    this.drawPlaceholder()
    this.grow()
  }

  leaveReply() {
    this.draft.reply = undefined
    this.keep()
    this.showDraft()
    this.focus()
  }

  leaveEdit() {
    this.draft.edit = undefined
    this.keep()
    this.showDraft()
    this.focus()
  }

  /** What was rewritten is not gone by a key that was pressed too soon. */
  giveUpEdit() {
    const given = this.draft.edit
    this.leaveEdit()
    if (given.text === given.was) return
    notice('Your change was put aside.', { action: 'Go on with it', press: () => { this.edit({ ...given, text: given.was }); this.input.value = given.text; this.changed() } })
  }

  editLast() {
    const mine = this.timeline.segment?.lines.findLast(one => one.kind === 'message' && one.author.id === this.store.me.id && !one.deleted && one.text)
    if (mine) this.edit(mine)
  }

  keys(event) {
    if (!isTyped(event)) return
    if (this.completions.isOpen && this.completions.takes(event)) return event.preventDefault()
    const coarse = matchMedia('(pointer: coarse)').matches
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey && (!coarse || event.ctrlKey)) {
      event.preventDefault()
      this.submit()
    } else if (event.key === 'ArrowUp' && !this.input.value && !event.altKey) {
      event.preventDefault()
      this.editLast()
    } else if (event.key === 'Escape' && (this.draft.edit || this.draft.reply)) {
      event.stopPropagation()
      if (this.draft.edit) this.giveUpEdit()
      else this.leaveReply()
    }
  }

  // --- what others do

  drawTyping() {
    const writing = [...(this.store.typing.get(this.id)?.values() ?? [])].filter(({ until }) => until > Date.now())
    const names = writing.slice(0, 3).map(({ username }) => name(username))
    const parts = names.flatMap((one, at) => at === 0 ? [one] : [at === names.length - 1 && writing.length <= 3 ? ' and ' : ', ', one])
    fill(this.typing, writing.length > 0 && [...parts, writing.length > 3 && ' and others', writing.length === 1 ? ' is writing…' : ' are writing…'])
  }

  get mutedUntil() { return this.store.conversation(this.id)?.muted_until }

  drawMuted() {
    const until = this.mutedUntil
    const muted = until > Date.now()
    for (const part of [this.input, this.send, this.attach, this.emoji, this.file]) part.disabled = muted
    this.drawPlaceholder()
    clearTimeout(this.unmuting)
    if (muted && until - Date.now() < 2 ** 31) this.unmuting = setTimeout(() => this.drawMuted(), until - Date.now() + 100)
  }

  drawPlaceholder() {
    const until = this.mutedUntil
    this.input.placeholder = until >= FOREVER ? 'You are muted here and can only read.'
      : until > Date.now() ? `You are muted here until ${shortTimeOf(until)}.`
        : this.staging.files.length > 0 ? 'A caption, if you like' : this.draft.edit?.file ? 'No caption' : 'Write a message'
  }
}

/** As it was written, with what indents it; without empty lines around it. */
function written(value) {
  return (value.toWellFormed?.() ?? value).replace(/^(?:[^\S\n]*\n)+/, '').trimEnd()
}
