// The second factor of my account, and its app passwords.

import { shortTimeOf } from '../core/text.js'
import { CODE, confirm, form, open } from './dialog.js'
import { button, el, fill, qrCode } from './dom.js'
import { attempt } from './notices.js'

const DOORS = ['native', 'api', 'titan_net', 'channels', 'json_lines', 'slash', 'tls_frames']

/** Shown once, to be kept elsewhere. */
const showOnce = (title, text, secrets) => open({
  title,
  className: 'small',
  build: close => [
    el('p', { class: 'form-text', text }),
    el('ul', { class: 'plain-list secrets', role: 'list' }, secrets.map(secret => el('li', {}, el('code', { text: secret })))),
    el('div', { class: 'dialog-foot' }, button({ text: 'I have kept it', kind: 'primary', press: () => close() })),
  ],
})

const showCodes = ({ codes }) => showOnce('Your recovery codes', 'Each opens once in the place of a code. Keep them where only you look: they are shown never again.', codes)

/** Not knowing is not having none. */
const notRead = (place, again) => fill(place, el('p', { class: 'form-text', text: 'This could not be read from the server.' }), button({ text: 'Try again', press: again }))

/** What there is of a second factor, and what can be done with it. */
export async function drawFactor(place, { house }) {
  const again = () => drawFactor(place, { house })
  const profile = await attempt(() => house.ask('profile'))
  if (!profile) return notRead(place, again)
  const { factor_since, recovery_codes } = profile
  if (!factor_since) {
    fill(place, el('p', { class: 'form-text', text: 'Codes of an app on your phone, asked for beside your password: who has that alone does not get in.' }),
      button({ text: 'Set up a second factor', press: async () => { if (await setUp(house)) again() } }))
    return
  }
  const renew = async () => {
    const renewed = await attempt(() => house.ask('renew_recovery_codes'))
    if (renewed) showCodes(renewed)
    again()
  }
  const remove = async () => {
    const sure = await confirm({ title: 'Take your second factor away?', text: 'Your password alone opens the account then. Your other sessions end.', action: 'Take it away', danger: true })
    if (sure && await attempt(() => house.ask('remove_factor'), 'Your second factor is taken away.')) again()
  }
  fill(place, el('p', { class: 'form-text', text: `Set up ${shortTimeOf(factor_since)}; ${recovery_codes} recovery codes are left.` }),
    el('div', { class: 'dialog-foot' }, button({ text: 'Other recovery codes', press: renew }), button({ text: 'Take it away', kind: 'danger', press: remove })))
}

/** Whether it came to be. */
async function setUp(house) {
  const offered = await attempt(() => house.ask('add_factor'))
  if (!offered) return false
  const codes = await form({
    title: 'Set up a second factor',
    text: 'Scan this with an app for codes, or type the secret there; then give the code that it shows.',
    fields: [{ ...CODE, hint: 'What the app shows now.' }],
    picture: [qrCode(offered.qr), el('p', {}, el('code', { class: 'secret', text: offered.secret }))],
    action: 'Set it up',
    submit: ({ code }) => house.ask('confirm_factor', { code }),
  })
  if (codes) showCodes(codes)
  return Boolean(codes)
}

export async function drawAppPasswords(place, { house, store }) {
  const again = () => drawAppPasswords(place, { house, store })
  const told = await attempt(() => house.ask('app_passwords'))
  if (!told) return notRead(place, again)
  const { app_passwords } = told
  fill(place, el('p', { class: 'form-text', text: 'For one program or device each that cannot ask for a second factor. They change nothing about your account.' }),
    el('ul', { class: 'plain-list', role: 'list' }, app_passwords.map(one => row(one, house, again))),
    button({ text: 'Make an app password', press: async () => { if (await make({ house, store })) again() } }))
}

function row({ id, name, doors, administers, created_at, last_used, last_door }, house, again) {
  const remove = async () => {
    const sure = await confirm({ title: `Remove the app password ${name}?`, text: 'What it opened ends at once.', action: 'Remove', danger: true })
    if (sure && await attempt(() => house.ask('remove_app_password', { app_password: id }), 'It is removed.')) again()
  }
  const used = last_used ? `last used ${shortTimeOf(last_used)} at ${last_door}` : 'never used'
  return el('li', { class: 'sanction' },
    el('div', {}, el('p', {}, el('bdi', { text: name }), administers && el('span', { class: 'tag', text: 'administers' })),
      el('p', { class: 'muted', text: `${doors.length ? doors.join(', ') : 'every door'}, made ${shortTimeOf(created_at)}, ${used}` })),
    button({ text: 'Remove', label: `Remove the app password ${name}`, press: remove }))
}

/** Whether one was made. */
async function make({ house, store }) {
  const made = await form({
    title: 'Make an app password',
    fields: [
      { name: 'name', label: 'What it is for', required: true, maxlength: 60, autocomplete: 'off' },
      { name: 'doors', label: 'Where', type: 'select', options: [['', 'Every door'], ...DOORS.map(door => [door, door])] },
      ...(store.isAdmin ? [{ name: 'administers', label: 'It may administer the house, as you may', type: 'check' }] : []),
    ],
    action: 'Make it',
    submit: ({ name, doors, administers = false }) => house.ask('add_app_password', { name, doors: doors ? [doors] : [], administers }),
  })
  if (made) showOnce(made.name, 'The app password, shown never again:', [made.password])
  return Boolean(made)
}
