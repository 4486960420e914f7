// Where one writes: text with its draft kept, replies and edits, files by button, paste and drop, names completed after `@`.

import { told } from '../core/fault.js'
import { keep, recall } from '../core/memory.js'
import { fits, line, shortTimeOf, sizeOf } from '../core/text.js'
import { button, el, fill, name } from './dom.js'
import { pickEmoji } from './emoji.js'
import { said } from './message.js'
import { notice } from './notices.js'

const TEXT_MOST = 16_000
const COMPLETIONS_MOST = 6
const FOREVER = 253_402_300_799_000

export class Composer {
  constructor(frame, id, timeline) {
    Object.assign(this, { frame, id, timeline, store: frame.store, house: frame.house })
    this.key = `draft.${this.store.me.id}.${id}`
    this.about = el('div', { class: 'composer-about', hidden: true })
    this.typing = el('p', { class: 'typing', 'aria-live': 'off' })
    this.choices = el('ul', { class: 'completions', role: 'listbox', id: 'completions', 'aria-label': 'People', hidden: true })
    this.input = el('textarea', {
      rows: 1, 'aria-label': `Message to ${this.store.name(this.store.conversation(id))}`, placeholder: 'Write a message', dir: 'auto',
      autocomplete: 'off', 'aria-controls': 'completions', 'aria-autocomplete': 'list',
      enterkeyhint: matchMedia('(pointer: coarse)').matches ? 'enter' : 'send',
    })
    this.input.value = recall(this.key) ?? ''
    this.file = el('input', { type: 'file', multiple: true, class: 'unseen', tabindex: -1, 'aria-label': 'Files to send', on: { change: () => this.sendFiles(this.file.files) } })
    this.send = button({ label: 'Send', icon: 'send', kind: 'primary send', press: () => this.submit() })
    this.count = el('span', { class: 'composer-count', role: 'status' })
    this.element = el('form', { class: 'composer', 'aria-label': 'Write', on: { submit: event => { event.preventDefault(); this.submit() } } },
      this.typing, this.about, this.choices,
      el('div', { class: 'composer-row' },
        button({ label: 'Send files', icon: 'attach', kind: 'quiet', press: () => this.file.click() }), this.file,
        this.input, this.count,
        button({ label: 'Insert an emoji', icon: 'smile', kind: 'quiet wide-only', press: event => pickEmoji(event.currentTarget, emoji => this.insert(emoji)) }),
        this.send))
    this.start(frame.scope)
  }

  start(scope) {
    scope.listen(this.input, 'input', () => this.changed())
    scope.listen(this.input, 'keydown', event => this.keys(event))
    scope.listen(this.input, 'blur', () => this.hideChoices())
    scope.listen(this.input, 'paste', event => {
      if (event.clipboardData.files.length === 0) return
      event.preventDefault()
      this.sendFiles(event.clipboardData.files)
    })
    scope.watch([`typing:${this.id}`], () => this.drawTyping())
    scope.watch(['conversations'], () => this.drawMuted())
    queueMicrotask(() => this.grow())
  }

  focus() { this.input.focus() }

  /** Files dropped anywhere on the conversation. */
  takeFilesFrom(area) {
    const { scope } = this.frame
    const carries = event => [...event.dataTransfer.types].includes('Files')
    let depth = 0
    const mark = by => { depth += by; area.classList.toggle('drop', depth > 0) }
    scope.listen(area, 'dragenter', event => carries(event) && mark(1))
    scope.listen(area, 'dragleave', event => carries(event) && mark(-1))
    scope.listen(area, 'dragover', event => carries(event) && event.preventDefault())
    scope.listen(area, 'drop', event => {
      if (!carries(event)) return
      event.preventDefault()
      mark(-depth)
      this.sendFiles(event.dataTransfer.files)
    })
    scope.add(() => area.classList.remove('drop'))
  }

  sendFiles(files) {
    for (const file of files) this.house.transfers.sendFile(file, this.id)
    this.file.value = ''
    this.timeline.toEnd().catch(error => notice(told(error)))
  }

  // --- what is written

  changed() {
    this.grow()
    if (!this.editing) keep(this.key, this.input.value)
    const surplus = [...this.input.value].length - TEXT_MOST
    this.count.textContent = surplus > 0 ? `${surplus} too many` : ''
    if (this.input.value.trim() && !this.editing) this.house.typing(this.id)
    this.complete()
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
    const text = (this.input.value.toWellFormed?.() ?? this.input.value).trim()
    if (!text || this.input.disabled) return this.input.focus()
    if ([...text].length > TEXT_MOST) return notice(`A message may have at most ${TEXT_MOST.toLocaleString()} characters. Send it as a file, or in parts.`, { kind: 'error' })
    if (this.editing) {
      if (text !== this.editing.text) this.house.outbox.edit(this.id, this.editing.seq, text)
      return this.leaveMode()
    }
    this.house.outbox.post(this.id, text, this.replying?.seq)
    this.house.typedAt.delete(this.id)
    this.store.newAfter = undefined
    this.leaveMode()
    this.timeline.toEnd().catch(() => {})
  }

  // --- replying and editing

  reply(message) {
    this.leaveMode(true)
    this.replying = message
    this.showMode('Reply to ', name(message.author.username), el('span', { class: 'composer-quote', dir: 'auto', text: said(message) }))
  }

  edit(message) {
    this.leaveMode(true)
    this.editing = message
    this.input.value = message.text
    this.showMode('Change your message', el('span', { class: 'composer-quote', text: shortTimeOf(message.at) }))
    this.grow()
  }

  showMode(...what) {
    fill(this.about, el('span', {}, what), button({ label: 'Cancel', icon: 'close', kind: 'quiet small', press: () => this.leaveMode(true) }))
    this.about.hidden = false
    this.input.focus()
  }

  /** Back to a new message; a draft that an edit put aside comes back. */
  leaveMode(draftStays = false) {
    if (!this.editing && !draftStays) keep(this.key, undefined)
    if (this.editing || !draftStays) this.input.value = recall(this.key) ?? ''
    this.editing = this.replying = undefined
    this.about.hidden = true
    this.count.textContent = ''
    this.hideChoices()
    this.grow()
    this.input.focus()
  }

  editLast() {
    const mine = this.timeline.segment?.lines.findLast(one => one.kind === 'message' && one.author.id === this.store.me.id && !one.deleted && one.text)
    if (mine) this.edit(mine)
  }

  keys(event) {
    if (event.isComposing) return
    if (!this.choices.hidden && this.choiceKeys(event)) return event.preventDefault()
    const coarse = matchMedia('(pointer: coarse)').matches
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey && (!coarse || event.ctrlKey)) {
      event.preventDefault()
      this.submit()
    } else if (event.key === 'ArrowUp' && !this.input.value && !event.altKey) {
      event.preventDefault()
      this.editLast()
    } else if (event.key === 'Escape' && (this.editing || this.replying)) {
      event.stopPropagation()
      this.leaveMode(true)
    }
  }

  // --- names after @

  complete() {
    const before = this.input.value.slice(0, this.input.selectionStart)
    const typed = before.match(/(?:^|[^\p{L}\p{N}])@([\p{L}\p{N}_.-]*)$/u)?.[1]
    if (typed === undefined) return this.hideChoices()
    const known = this.store.members.get(this.id) ?? []
    const found = known.map(person => ({ person, fit: fits(person.username, typed) })).filter(({ fit }) => fit > 1 || !typed)
      .sort((a, b) => b.fit - a.fit || b.person.online - a.person.online).slice(0, COMPLETIONS_MOST)
    if (found.length === 0 || (found.length === 1 && found[0].person.username === typed)) return this.hideChoices()
    this.typed = typed
    fill(this.choices, found.map(({ person }, at) => el('li', {
      role: 'option', id: `completion-${at}`, 'aria-selected': String(at === 0), data: { name: person.username },
      on: { pointerdown: event => { event.preventDefault(); this.choose(person.username) } },
    }, name(person.username), person.full_name && el('span', { class: 'muted', text: line(person.full_name, 40) }))))
    this.choices.hidden = false
    this.input.setAttribute('aria-activedescendant', 'completion-0')
  }

  choiceKeys({ key }) {
    const all = [...this.choices.children]
    const at = all.findIndex(one => one.getAttribute('aria-selected') === 'true')
    if (key === 'Escape') return this.hideChoices(), true
    if (key === 'Enter' || key === 'Tab') return this.choose(all[at].dataset.name), true
    const by = { ArrowDown: 1, ArrowUp: -1 }[key]
    if (!by) return false
    const next = (at + by + all.length) % all.length
    all.forEach((one, place) => one.setAttribute('aria-selected', String(place === next)))
    this.input.setAttribute('aria-activedescendant', `completion-${next}`)
    return true
  }

  choose(username) {
    const end = this.input.selectionStart
    this.input.setRangeText(`@${username} `, end - this.typed.length - 1, end, 'end')
    this.hideChoices()
    this.changed()
  }

  hideChoices() {
    this.choices.hidden = true
    this.input.removeAttribute('aria-activedescendant')
  }

  // --- what others do

  drawTyping() {
    const writing = [...(this.store.typing.get(this.id)?.values() ?? [])].filter(({ until }) => until > Date.now())
    const names = writing.slice(0, 3).map(({ username }) => name(username))
    const parts = names.flatMap((one, at) => at === 0 ? [one] : [at === names.length - 1 && writing.length <= 3 ? ' and ' : ', ', one])
    fill(this.typing, writing.length > 0 && [...parts, writing.length > 3 && ' and others', writing.length === 1 ? ' is writing…' : ' are writing…'])
  }

  drawMuted() {
    const until = this.store.conversation(this.id)?.muted_until
    const muted = until > Date.now()
    this.input.disabled = this.send.disabled = muted
    this.input.placeholder = !muted ? 'Write a message'
      : until >= FOREVER ? 'You are muted here and can only read.' : `You are muted here until ${shortTimeOf(until)}.`
    clearTimeout(this.unmuting)
    if (muted && until - Date.now() < 2 ** 31) this.unmuting = setTimeout(() => this.drawMuted(), until - Date.now() + 100)
  }
}
