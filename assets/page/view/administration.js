// The admins' screen: accounts, banned addresses, what was done by whom, the admin key.

import { byName } from '../core/store.js'
import { fits, shortTimeOf } from '../core/text.js'
import { told } from '../core/fault.js'
import { button, el, fill, name, phrase } from './dom.js'
import { SAFE, confirm, form, formOf, open } from './dialog.js'
import { openMenu } from './menu.js'
import { attempt, notice } from './notices.js'
import { personRow, writeTo } from './person.js'
import { screenHead } from './heading.js'
import { tabs } from './tabs.js'

const SHOWN_MOST = 200
const AUDIT_PAGE = 100
const REASON = { name: 'reason', label: 'Reason', maxlength: 500, hint: 'Kept in the audit log.' }

export function showHouse(main, frame) {
  const content = el('div')
  const parts = { accounts, addresses, audit, key }
  const show = which => parts[which](content, frame)
  const bar = tabs([['accounts', 'Accounts'], ['addresses', 'Banned addresses'], ['audit', 'Audit log'], ['key', 'Admin key']], 'accounts', content, show)
  fill(main, screenHead(frame, 'Administration'), el('div', { class: 'page-body' }, bar.element, bar.panel))
  if (frame.store.isAdmin) show('accounts')
  else fill(content, el('p', { class: 'empty', text: 'Only admins see this.' }))
  return {}
}

/** Loads, shows, and says what went wrong. */
async function load(content, work) {
  const mark = Symbol()
  content.work = mark
  try {
    const made = await work()
    if (content.work === mark) fill(content, made)
  } catch (error) {
    if (content.work === mark) fill(content, el('p', { class: 'empty', text: told(error) }))
  }
}

// --- accounts

function accounts(content, frame) {
  const again = () => accounts(content, frame)
  return load(content, async () => {
    const { accounts } = await frame.house.ask('accounts')
    const filter = el('input', { type: 'search', placeholder: 'Filter by name', 'aria-label': 'Filter accounts by name', value: content.filter, on: { input: () => draw() } })
    const list = el('ul', { class: 'people-list', role: 'list' })
    const draw = () => {
      content.filter = filter.value
      const shown = accounts.filter(one => fits(one.username, filter.value) > 0).sort((a, b) => byName(a.username, b.username))
      fill(list, shown.length === 0 ? el('li', { class: 'empty', text: 'Nobody is called that.' }) : shown.slice(0, SHOWN_MOST).map(one => accountRow(one, frame, again)),
        shown.length > SHOWN_MOST && el('li', { class: 'empty', text: `${shown.length - SHOWN_MOST} more: type a part of the name.` }))
    }
    draw()
    return [el('div', { class: 'filters' }, filter, button({ text: 'Add an account', icon: 'add', kind: 'primary', press: () => addAccount(frame, again) })), list]
  })
}

function accountRow(account, frame, again) {
  const { store } = frame
  const notes = [account.role === 'admin' && 'admin', account.banned && 'banned', account.id === store.me.id && 'you', account.last_login && `last login ${shortTimeOf(account.last_login)}`]
  const menu = event => openMenu(event.currentTarget, menuOf(account, frame, again), { label: `Actions for ${account.username}` })
  return personRow(account, {
    online: store.isOnline(account.id), notes,
    tools: [button({ label: `Actions for ${account.username}`, icon: 'more', kind: 'quiet', press: menu })],
  })
}

function menuOf(account, frame, again) {
  const { store, house } = frame
  const me = account.id === store.me.id
  const target = { account: account.id }
  const does = async (command, fields, done) => { if (await attempt(() => house.ask(command, { ...target, ...fields }), done)) again() }
  return [
    !me && { text: 'Write a direct message', icon: 'send', press: () => writeTo(frame, account.id) },
    { text: 'Where they are logged in', icon: 'keys', press: () => showSessions(frame, account, again) },
    { text: 'Set a new password', icon: 'lock', press: () => newPassword(house, account) },
    !me && (account.role === 'admin' ? { text: 'Take the admin role away', icon: 'shield', press: () => does('edit_account', { role: 'user' }, `${account.username} is no admin any more.`) }
      : { text: 'Make an admin', icon: 'shield', press: () => makeAdmin(account, does) }),
    !me && (account.banned ? { text: 'Lift the ban', icon: 'check', press: () => does('unban', {}, `${account.username} may come in again.`) }
      : { text: 'Ban', icon: 'out', press: () => ban(house, account, again), danger: true }),
    !me && { text: 'Delete the account', icon: 'remove', press: () => remove(account, does), danger: true },
  ]
}

function addAccount({ house }, again) {
  return form({
    title: 'Add an account',
    text: 'Whoever it is for chooses a password of their own at the first login, within a week.',
    fields: [
      { name: 'username', label: 'Username', required: true, maxlength: 50, autocomplete: 'off' },
      { name: 'password', label: 'Password', type: 'password', required: true, autocomplete: 'new-password', ...SAFE },
      { name: 'role', label: 'Role', type: 'select', options: [['user', 'User'], ['admin', 'Admin']] },
    ],
    action: 'Add',
    async submit(fields) {
      await house.ask('add_account', fields)
      again()
      notice(`${fields.username} was added.`)
      return true
    },
  })
}

function newPassword(house, account) {
  return form({
    title: phrase`A new password for ${account.username}`, text: 'It ends all sessions of the account, and has to be replaced at the next login, within a week.',
    fields: [{ name: 'password', label: 'New password', type: 'password', required: true, autocomplete: 'new-password', ...SAFE }], action: 'Set it',
    async submit({ password }) {
      await house.ask('edit_account', { account: account.id, password })
      notice(`${account.username} has a new password.`)
      return true
    },
  })
}

async function makeAdmin(account, does) {
  const sure = await confirm({ title: phrase`Make ${account.username} an admin?`, text: 'Admins may do everything here, also to you.', action: 'Make an admin', danger: true })
  if (sure) await does('edit_account', { role: 'admin' }, `${account.username} is an admin now.`)
}

function ban(house, account, again) {
  return form({
    title: phrase`Ban ${account.username}?`, text: 'Their sessions end at once, and they are kept out at every door until the ban is lifted.', fields: [REASON], action: 'Ban', danger: true,
    async submit({ reason }) {
      await house.ask('ban', { account: account.id, reason })
      again()
      notice(`${account.username} is banned.`)
      return true
    },
  })
}

async function remove(account, does) {
  const sure = await confirm({ title: phrase`Delete the account ${account.username}?`, text: 'It is gone for good, and its name is free again. What it wrote stays.', action: 'Delete', danger: true })
  if (sure) await does('remove_account', {}, `${account.username} is deleted.`)
}

async function showSessions({ house }, account, again) {
  const list = el('ul', { class: 'plain-list', role: 'list' }, el('li', { class: 'empty', text: 'Loading…' }))
  open({ title: phrase`${account.username} is logged in`, build: () => list })
  await load(list, async () => {
    const { sessions } = await house.ask('account_sessions', { account: account.id })
    if (sessions.length === 0) return el('li', { class: 'empty', text: 'Nowhere.' })
    const end = (session, done) => async () => { if (await attempt(() => house.ask('end_sessions', { account: account.id, session }), done)) list.closest('dialog')?.close() }
    return [...sessions.map(({ id, door, address, client, created_at, last_seen }) => el('li', { class: 'sanction' },
      el('div', {}, el('p', { text: `${door}${address ? ` from ${address}` : ''}` }), client && el('p', { class: 'muted' }, name(client)), el('p', { class: 'muted', text: `since ${shortTimeOf(created_at)}, last seen ${shortTimeOf(last_seen)}` })),
      address && button({ text: 'Ban this address', kind: 'plain', press: () => banAddress(house, address, again) }),
      button({ text: 'End', label: `End the session at ${door} of ${shortTimeOf(created_at)}`, press: end(id, 'That session has ended.') }))),
    el('li', {}, button({ text: 'End all of them', kind: 'danger', press: end(undefined, `All sessions of ${account.username} have ended.`) }))]
  })
}

// --- addresses

function addresses(content, frame) {
  const { house } = frame
  const again = () => addresses(content, frame)
  return load(content, async () => {
    const bans = (await house.ask('banned_addresses')).addresses
    const lift = address => async () => { if (await attempt(() => house.ask('unban_address', { address }), `${address} may come in again.`)) again() }
    return [
      el('div', { class: 'filters' }, button({ text: 'Ban an address', icon: 'add', kind: 'primary', press: () => banAddress(house, '', again) })),
      el('ul', { class: 'plain-list', role: 'list' }, bans.length === 0 ? el('li', { class: 'empty', text: 'No address is banned.' })
        : bans.map(({ address, reason }) => el('li', { class: 'sanction' },
          el('div', {}, el('p', { class: 'hash', text: address }), reason && el('p', { class: 'muted', dir: 'auto', text: reason })),
          button({ text: 'Lift', label: `Lift the ban of ${address}`, press: lift(address) })))),
    ]
  })
}

function banAddress(house, address, again) {
  return form({
    title: 'Ban an address', text: 'Nobody comes in from it any more, and its connections end. Mind that several people may share one.',
    fields: [{ name: 'address', label: 'IP address', required: true, value: address, spellcheck: 'false' }, REASON], action: 'Ban', danger: true,
    async submit(fields) {
      await house.ask('ban_address', fields)
      again()
      return true
    },
  })
}

// --- what was done

function audit(content, { house }) {
  return load(content, async () => {
    const page = before => house.ask('audit', { before, limit: AUDIT_PAGE })
    const [first, { chain }] = await Promise.all([page(), house.ask('verify_audit')])
    if (first.acts.length === 0) return el('p', { class: 'empty', text: 'Nothing was done yet.' })
    const rows = el('tbody', {}, first.acts.map(actRow))
    const table = el('div', { class: 'table-frame', tabindex: 0, role: 'region', 'aria-label': 'Audit log' }, el('table', {},
      el('thead', {}, el('tr', {}, ['When', 'Who', 'What', 'To what', 'Why', 'From where'].map(text => el('th', { scope: 'col', text })))), rows))
    let last = first.acts.at(-1).id
    const older = button({ text: 'Show older', kind: 'plain', press: async () => {
      older.disabled = true
      await attempt(async () => {
        const { acts, more } = await page(last)
        rows.append(...acts.map(actRow))
        last = acts.at(-1)?.id ?? last
        older.hidden = !more
      })
      older.disabled = false
    } })
    older.hidden = !first.more
    return [el('p', { class: chain.broken ? 'hint failed' : 'hint', dir: 'auto', role: 'status', text: stateOf(chain) }), table, older]
  })
}

/** Whether all rows are as they were written. */
function stateOf({ rows, head, broken }) {
  if (broken) return `The audit log is not as it was written: row ${broken} was changed, is gone, or does not follow the one before it.`
  return `The audit log is whole: ${rows === 1 ? '1 row' : `${rows} rows`}, each with a checksum over the one before. The last one: ${head}`
}

function actRow({ at, by, act, object, whom, room, detail, door, address }) {
  const cell = (...text) => el('td', { dir: 'auto' }, ...text)
  return el('tr', {},
    el('td', { class: 'nowrap', text: shortTimeOf(at) }), el('td', {}, by ? name(by.username) : el('em', { class: 'nowrap', text: 'operator' })),
    cell(act.replaceAll('_', ' ')), cell(...called(object, whom, room)), cell(shortly(detail)), cell([door, address].filter(Boolean).join(' from ')))
}

/** What an act was done to, by the names that it has now. */
function called(object, whom, room) {
  const parts = [whom && name(whom.username), whom && room && ' in ', room && name(`#${room}`)].filter(Boolean)
  return parts.length > 0 ? parts : [object]
}

/** A checksum by its beginning: it says which file was decided on, and nobody reads all of it. */
const shortly = detail => /^[0-9a-f]{64}$/.test(detail ?? '') ? `SHA-256 ${detail.slice(0, 12)}…` : detail

function key(content, { house }) {
  content.work = undefined
  fill(content, formOf({
    text: 'Whoever registers with the admin key is an admin. Change it when somebody knows it who shouldn’t.',
    fields: [{ name: 'key', label: 'New admin key', type: 'password', required: true, autocomplete: 'off', hint: 'At least 8 characters, without spaces.' }],
    action: 'Change the key',
    async submit({ key: value }, element) {
      await house.ask('change_admin_key', { key: value })
      element.reset()
      notice('The admin key is changed.')
    },
  }))
}
