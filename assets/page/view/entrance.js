// Before the house: log in, register, a forgotten password. One form at a time, each a heading, fields and one button.

import { device } from '../core/device.js'
import { askOnce } from '../core/link.js'
import { button, el, fill, icon } from './dom.js'
import { CODE, SAFE, formOf } from './dialog.js'
import { switchTheme } from './theme.js'

const NAME = { name: 'username', label: 'Username', required: true, autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', maxlength: 50 }

const LASTING = { name: 'lasting', label: 'Stay logged in on this device', type: 'check', value: true }

export function showEntrance(root, { reason, enter }) {
  const card = el('section', { class: 'entrance-card', 'aria-labelledby': 'entrance-title' })
  const show = build => {
    fill(card, build({ show, enter, reason }))
    reason = undefined
    card.querySelector('input')?.focus()
  }
  fill(root, el('main', { class: 'entrance' },
    el('div', { class: 'entrance-top' }, button({ label: 'Dark or light', icon: 'theme', kind: 'quiet', press: switchTheme })),
    el('h1', { class: 'wordmark' }, el('span', { class: 'wordmark-sign', 'aria-hidden': 'true', text: 'T' }), 'Titan'),
    card))
  const token = tokenOfLink()
  show(token ? options => reset({ ...options, token }) : login)
}

/** The link of a letter may lead here: its token is taken out of the address, so that the browser's history doesn't keep it. */
function tokenOfLink() {
  const [, token] = location.hash.match(/^#\/?reset\/([\w-]+)$/) ?? []
  if (token) history.replaceState(null, '', location.pathname + location.search)
  return token
}

const title = text => el('h2', { id: 'entrance-title', text })
const told = text => text && el('p', { class: 'entrance-note', role: 'status' }, text)

function login({ show, enter, reason, username }) {
  return [
    title('Log in'),
    told(reason),
    formOf({
      fields: [
        { ...NAME, value: username },
        { name: 'password', label: 'Password', type: 'password', required: true, autocomplete: 'current-password' },
        LASTING,
      ],
      action: 'Log in',
      async submit({ username, password, lasting }) {
        await logIn({ show, enter }, { username, password }, lasting)
      },
    }),
    el('p', { class: 'entrance-else' },
      button({ text: 'Make an account', kind: 'link', press: () => show(register) }),
      button({ text: 'Forgot your password?', kind: 'link', press: () => show(forgotten) })),
  ]
}

/** What the server asks for beside the password is asked for in turn. */
async function logIn({ show, enter }, fields, lasting) {
  const asked = { choose_password: choose, second_factor_required: code }
  try {
    await enter(await askOnce('login', { ...fields, client: device() }), lasting)
  } catch (error) {
    const next = asked[error.code]
    if (!next || (next === code && fields.code)) throw error
    show(options => next({ ...options, fields, lasting }))
  }
}

/** A code of the second factor. */
function code({ show, enter, fields, lasting }) {
  return [
    title('Your second factor'),
    formOf({
      fields: [CODE],
      action: 'Log in',
      submit: ({ code }) => logIn({ show, enter }, { ...fields, code }, lasting),
    }),
    el('p', { class: 'entrance-else' }, button({ text: 'Back', kind: 'link', press: () => show(login) })),
  ]
}

/** In place of a password that somebody else made up. */
function choose({ show, enter, fields, lasting }) {
  return [
    title('Choose a password of your own'),
    formOf({
      text: 'The one you came with was made up for you: it opens nothing but this.',
      fields: [
        { name: 'new_password', label: 'New password', type: 'password', required: true, autocomplete: 'new-password', ...SAFE },
        { name: 'again', label: 'New password again', type: 'password', required: true, autocomplete: 'new-password' },
      ],
      action: 'Log in',
      async submit({ new_password, again }) {
        if (new_password !== again) throw new Error('The two passwords differ: type the same one twice.')
        await logIn({ show, enter }, { ...fields, code: undefined, new_password }, lasting)
      },
    }),
    el('p', { class: 'entrance-else' }, button({ text: 'Back', kind: 'link', press: () => show(login) })),
  ]
}

function register({ show, enter }) {
  return [
    title('Make an account'),
    formOf({
      fields: [
        { ...NAME, hint: 'Letters and digits; this is how others find you.' },
        { name: 'full_name', label: 'Full name', autocomplete: 'name' },
        { name: 'password', label: 'Password', type: 'password', required: true, autocomplete: 'new-password', ...SAFE },
        { name: 'again', label: 'Password again', type: 'password', required: true, autocomplete: 'new-password' },
        LASTING,
        { name: 'admin_key', label: 'Admin key', type: 'password', autocomplete: 'off', hint: 'Only if the operator of this server gave you one.' },
      ],
      action: 'Make the account',
      async submit({ username, password, again, full_name, admin_key, lasting }) {
        if (password !== again) throw new Error('The two passwords differ: type the same one twice.')
        await askOnce('register', { username, password, full_name: full_name || undefined, admin_key: admin_key || undefined })
        enter(await askOnce('login', { username, password, client: device() }), lasting)
      },
    }),
    el('p', { class: 'entrance-else' }, button({ text: 'I have an account', kind: 'link', press: () => show(login) })),
  ]
}

function forgotten({ show }) {
  return [
    title('Forgot your password?'),
    formOf({
      text: 'A link for a new one is sent to the mail address of your account, and is good for 15 minutes.',
      fields: [NAME],
      action: 'Send the link',
      async submit({ username }) {
        await askOnce('request_reset', { username })
        show(sent)
      },
    }),
    el('p', { class: 'entrance-else' },
      button({ text: 'I have the letter', kind: 'link', press: () => show(reset) }),
      button({ text: 'Back', kind: 'link', press: () => show(login) })),
  ]
}

function sent({ show }) {
  return [
    title('Look into your mail'),
    el('p', { class: 'entrance-note', role: 'status' }, icon('check'),
      'If there is such an account and it has a mail address, a letter is on its way. Some mail servers let a first letter wait for ten minutes. Open the link in it, or paste it here.'),
    el('div', { class: 'dialog-foot' }, button({ text: 'Paste the link', kind: 'primary', press: () => show(reset) })),
    el('p', { class: 'entrance-else' }, button({ text: 'Back', kind: 'link', press: () => show(login) })),
  ]
}

function reset({ show, token }) {
  return [
    title('Choose a new password'),
    formOf({
      fields: [
        { name: 'token', label: 'Link or code from the letter', value: token, required: true, autocomplete: 'one-time-code', spellcheck: 'false', hint: 'The link itself, or what stands at its end.' },
        { name: 'password', label: 'New password', type: 'password', required: true, autocomplete: 'new-password', ...SAFE },
      ],
      action: 'Set the password',
      async submit({ token, password }) {
        await askOnce('reset_password', { token: token.trim().replace(/^.*[/=]/, ''), password })
        show(options => login({ ...options, reason: 'Your password is set. Log in with it.' }))
      },
    }),
    el('p', { class: 'entrance-else' }, button({ text: 'Back', kind: 'link', press: () => show(login) })),
  ]
}
