// One line of a timeline: a message with all that belongs to it, or what somebody did.

import { plain } from '../core/markup.js'
import { numberOf } from '../core/segment.js'
import { timeOf, wholeTimeOf, sizeOf, line as oneLine } from '../core/text.js'
import { button, el, icon, name } from './dom.js'
import { picture } from './picture.js'
import { avatar } from './person.js'
import { prose } from './prose.js'

/** What the line looks like now, in a word: it is drawn again when this changes. */
export function signOf({ line, grouped, item, changes = [] }) {
  const pending = changes.map(one => `${one.command}${one.state}${one.fields.emoji ?? ''}${one.fields.on ?? ''}${one.fields.text ?? ''}${one.error ?? ''}`).join(';')
  return `${line.revision}|${grouped}|${item ? item.state + item.error : ''}|${pending}|${line.quote ?? ''}`
}

/**
 * The content of a message's row.
 * @param row { line, grouped, item: what the outbox has of it, changes: what the outbox has to change about it }
 * @param view { store, house, may, act, quoteOf }
 */
export function messageOf(row, view) {
  const { line, grouped, item, changes } = row
  const shown = withChanges(line, changes, view.store.me.id)
  const mine = line.author.id === view.store.me.id
  return [
    grouped
      ? el('time', { class: 'gutter-time', datetime: new Date(line.at).toISOString(), title: wholeTimeOf(line.at), text: timeOf(line.at) })
      : faceOf(line.author, view),
    el('div', { class: 'message-body' },
      el('div', { class: grouped ? 'message-head unseen' : 'message-head' },
        el('button', { type: 'button', class: `author hue-${line.author.id % 8}`, tabindex: -1, on: { click: event => view.act.person(event.currentTarget, line.author) } }, name(line.author.username)),
        !grouped && el('time', { datetime: new Date(line.at).toISOString(), title: wholeTimeOf(line.at), text: timeOf(line.at) })),
      line.reply_to && quote(line.reply_to, view),
      shown.deleted
        ? el('p', { class: 'deleted', text: 'This message was deleted.' })
        : [shown.text && prose(shown.text, view), shown.edited && el('span', { class: 'edited', text: '(edited)' })],
      shown.file && fileOf(shown.file, view),
      reactionsOf(shown, view),
      item && stateOf(item, view),
      changes.map(change => changeOf(change, view))),
    !item && !shown.deleted && tools(shown, mine, view),
  ]
}

/** For the pointer; who has none gets to the same by the name, and by the message's menu. */
function faceOf(author, view) {
  const face = avatar(author)
  face.addEventListener('click', () => view.act.person(face, author))
  return face
}

/** As it will be once what is on the way has arrived. */
function withChanges(line, changes, me) {
  let shown = line
  for (const { command, fields, state } of changes) {
    if (state === 'failed') continue
    if (command === 'edit') shown = { ...shown, text: fields.text }
    if (command === 'delete') shown = { ...shown, deleted: true, file: undefined, reactions: [] }
    if (command === 'react') shown = { ...shown, reactions: reacted(shown.reactions, fields, me) }
  }
  return shown
}

function reacted(reactions, { emoji, on }, me) {
  const known = reactions.some(one => one.emoji === emoji) ? reactions : [...reactions, { emoji, accounts: [] }]
  const changed = known.map(one => one.emoji !== emoji ? one
    : toggled(one, on, me))
  return changed.filter(one => numberOf(one) > 0)
}

function toggled({ emoji, accounts, count }, on, me) {
  const step = Number(on) - Number(accounts.includes(me))
  return { emoji, accounts: [...accounts.filter(account => account !== me), ...(on ? [me] : [])], count: count === undefined ? undefined : count + step }
}

function quote(seq, view) {
  const replied = view.quoteOf(seq)
  return el('button', { type: 'button', class: 'quote', on: { click: () => view.act.jump(seq) } },
    icon('reply'),
    el('span', { class: 'unseen', text: 'In reply to ' }),
    replied ? [name(replied.author.username, { class: 'quote-author' }), el('span', { class: 'quote-text', dir: 'auto', text: said(replied) })]
      : el('span', { class: 'quote-text', text: 'an earlier message' }))
}

export function said(line) {
  if (line.deleted) return 'This message was deleted.'
  return oneLine(plain(line.text) || line.file?.name || '', 140)
}

function fileOf(file, view) {
  return el('div', { class: 'file' },
    el('div', { class: 'file-row' },
      icon('file'),
      el('div', { class: 'file-names' }, name(file.name, { class: 'file-name' }), el('span', { class: 'file-size', text: sizeOf(file.size) })),
      button({ label: `Download ${file.name}`, icon: 'download', press: () => view.house.transfers.fetchFile(file) })),
    picture(file))
}

function reactionsOf(shown, view) {
  if (shown.reactions.length === 0) return undefined
  const me = view.store.me.id
  return el('div', { class: 'reactions' }, shown.reactions.map(({ emoji, accounts, count }) => {
    const on = accounts.includes(me)
    const names = accounts.map(account => account === me ? 'you' : view.store.people.get(account)?.username ?? 'somebody')
    const number = numberOf({ accounts, count })
    if (number > names.length) names.push(`${number - names.length} more`)
    return el('button', {
      type: 'button', class: 'reaction', 'aria-pressed': String(on), title: names.join(', '),
      on: { click: () => view.act.react(shown.seq, emoji, !on) },
    }, el('span', { text: emoji }), el('span', { text: number }), el('span', { class: 'unseen', text: ` by ${names.join(', ')}` }))
  }))
}

const STATES = { waiting: 'Waiting for the connection', sending: 'Sending…', sent: 'Sending…' }

function stateOf(item, view) {
  if (item.state !== 'failed') return el('p', { class: 'message-state', text: STATES[item.state] })
  return el('p', { class: 'message-state failed' }, el('span', { text: `Not sent: ${item.error}` }),
    button({ text: 'Try again', kind: 'link', press: () => view.act.retry(item) }),
    button({ text: 'Discard', kind: 'link', press: () => view.act.discard(item) }))
}

const CHANGES = { edit: 'The change', delete: 'The deletion', react: 'The reaction' }

function changeOf(change, view) {
  if (change.state !== 'failed') return change.command === 'react' ? undefined : el('p', { class: 'message-state', text: 'Saving…' })
  return el('p', { class: 'message-state failed' }, el('span', { text: `${CHANGES[change.command]} was refused: ${change.error}` }),
    button({ text: 'Try again', kind: 'link', press: () => view.act.retry(change) }),
    button({ text: 'Discard', kind: 'link', press: () => view.act.discard(change) }))
}

/** Shown while the row has the pointer or the focus; reached by the tab key from the row. */
function tools(shown, mine, view) {
  return el('div', { class: 'message-tools', role: 'group', 'aria-label': 'What to do with this message' },
    tool('React', 'smile', event => view.act.pick(shown, event.currentTarget)),
    tool('Reply', 'reply', () => view.act.reply(shown)),
    mine && tool('Edit', 'edit', () => view.act.edit(shown)),
    tool('More', 'more', event => view.act.more(shown, event.currentTarget)))
}

const tool = (label, which, press) => button({ label, icon: which, kind: 'quiet small', press })

/** What somebody did, in a sentence. */
export function deedOf(line) {
  const who = name(line.author.username, { class: 'deed-who' })
  const at = el('time', { datetime: new Date(line.at).toISOString(), title: wholeTimeOf(line.at), text: timeOf(line.at) })
  switch (line.kind) {
    case 'joined': return [who, ' joined', at]
    case 'left': return line.by ? [who, ' was removed by ', name(line.by.username), at] : [who, ' left', at]
    case 'file_fetched': return [who, ' downloaded ', name(line.name), at]
    case 'room_changed': return [who, ' changed the room', changed(line), at]
    case 'damaged': return ['This entry is damaged on the server’s disk.', at]
    default: return [who, ' did something that this page is too old to show', at]
  }
}

function changed({ name: called, description, locked }) {
  const parts = []
  if (called !== undefined) parts.push([': it is called ', name(called)])
  if (locked !== undefined) parts.push(locked ? ': joining asks for a password' : ': joining asks for no password')
  if (description !== undefined) parts.push(description ? [': ', el('span', { dir: 'auto', text: oneLine(description) })] : ': without a description')
  return parts
}
