// My account: what others see of me, password, sessions, how the page behaves, my data, and the end of it all.

import { bearer } from '../core/token.js'
import { save } from '../core/download.js'
import { keep } from '../core/memory.js'
import { count, shortTimeOf, sizeOf } from '../core/text.js'
import { refusal } from '../core/upload.js'
import { button, el, fill } from './dom.js'
import { SAFE, form, formOf } from './dialog.js'
import { drawAppPasswords, drawFactor } from './factors.js'
import { logOut } from './leaving.js'
import { attempt, complain, notice } from './notices.js'
import { wantsNotices } from './attention.js'
import { screenHead } from './heading.js'
import { setTheme, theme, themes } from './theme.js'

export function showAccount(main, frame) {
  const { store } = frame
  const part = (title, ...content) => el('section', { class: 'part' }, el('h2', { text: title }), content)
  const sessions = el('ul', { class: 'plain-list', role: 'list' })
  const usage = el('p', { class: 'form-text usage', hidden: true })
  const [mail, factor, appPasswords] = [el('div', {}), el('div', {}), el('div', {})]
  fill(main, screenHead(frame, 'My account'), el('div', { class: 'page-body narrow' },
    el('p', { class: 'muted' }, 'You are ', el('bdi', { class: 'person-name', text: store.me.username }), `, No. ${store.me.titan_number}${store.isAdmin ? ', an admin' : ''}.`),
    part('Profile', profile(frame, () => drawMail(mail, frame)), mail),
    part('Look and notices', look()),
    part('Password', password(frame)),
    part('Second factor', factor),
    part('App passwords', appPasswords),
    part('Where I am logged in', sessions),
    part('My data', usage, el('p', { class: 'form-text', text: 'Everything that is kept of you: account, rooms, messages, files, as lines of JSON.' }), button({ text: 'Export my data', icon: 'download', press: event => exportData(event.currentTarget, store) })),
    part('Delete my account', el('p', { class: 'form-text', text: 'Your sessions end, you leave your rooms, your name is free again. What you wrote stays.' }), button({ text: 'Delete my account', icon: 'remove', kind: 'danger', press: () => deleteAccount(frame) }))))
  drawSessions(sessions, frame)
  drawUsage(usage, frame)
  drawMail(mail, frame)
  drawFactor(factor, frame)
  drawAppPasswords(appPasswords, frame)
  return {}
}

function profile({ store, house }, saved) {
  const { full_name = '', blog_url = '' } = store.me
  return formOf({
    fields: [
      { name: 'full_name', label: 'Full name', value: full_name, maxlength: 100, autocomplete: 'name' },
      { name: 'blog_url', label: 'Blog or site', type: 'url', value: blog_url, maxlength: 500, placeholder: 'https://' },
      { name: 'email', label: 'Mail address', type: 'email', autocomplete: 'email', hint: 'For a forgotten password, shown to nobody else: empty leaves it as it is.' },
      { name: 'forget', label: 'Forget the one that is kept', type: 'check' },
    ],
    action: 'Save',
    async submit({ full_name, blog_url, email, forget }) {
      if (forget && email) throw new Error('Either give a mail address, or have the one that is kept forgotten.')
      const { account } = await house.ask('update_profile', { full_name, blog_url, email: forget ? '' : email || undefined })
      store.me = account
      store.changed('me')
      notice('Saved.')
      saved()
    },
  })
}

/** Which mail address is kept, and the way to confirm another one. */
async function drawMail(place, { house }) {
  const { email, new_email } = await house.ask('profile').catch(() => ({}))
  fill(place, email && el('p', { class: 'muted' }, 'Letters go to ', el('bdi', { text: email }), '.'), new_email && formOf({
    text: `${new_email} is not confirmed yet: follow the link of the letter there, or type its code.`,
    fields: [{ name: 'token', label: 'Link or code from the letter', required: true, autocomplete: 'one-time-code', spellcheck: 'false' }],
    action: 'Confirm',
    async submit({ token }) {
      await house.ask('confirm_mail', { token: token.trim().replace(/^.*[/=]/, '') })
      notice('Your mail address is confirmed.')
      drawMail(place, { house })
    },
  }))
}

function look() {
  const chosen = theme()
  const select = el('select', { id: 'theme', on: { change: () => setTheme(select.value) } }, themes.map(([value, text]) => el('option', { value, text })))
  select.value = chosen
  const notices = el('input', { type: 'checkbox', id: 'notices', checked: wantsNotices(), on: { change: () => askForNotices(notices) } })
  return el('div', { class: 'form' },
    el('div', { class: 'field' }, el('label', { for: 'theme', text: 'Colours' }), select),
    el('div', { class: 'field check' }, notices, el('label', { for: 'notices', text: 'Desktop notices for direct messages and when I am named' })))
}

async function askForNotices(box) {
  if (!box.checked) return keep('notices', undefined)
  const answer = await globalThis.Notification?.requestPermission?.()
  box.checked = answer === 'granted'
  if (box.checked) keep('notices', true)
  else notice('The browser does not allow notices for this page. Its settings for this site can change that.', { kind: 'error' })
}

function password({ house }) {
  return formOf({
    fields: [
      { name: 'old', label: 'Your present password', type: 'password', required: true, autocomplete: 'current-password' },
      { name: 'new', label: 'New password', type: 'password', required: true, autocomplete: 'new-password', ...SAFE },
      { name: 'again', label: 'New password again', type: 'password', required: true, autocomplete: 'new-password' },
    ],
    action: 'Change the password',
    async submit({ again, ...fields }, element) {
      if (fields.new !== again) throw new Error('The two new passwords differ: type the same one twice.')
      await house.ask('change_password', fields)
      element.reset()
      notice('Your password is changed. Your other sessions have ended.')
    },
  })
}

async function drawSessions(list, frame) {
  try {
    const { sessions } = await frame.house.ask('sessions')
    const endOthers = async () => {
      const ended = () => frame.house.ask('end_sessions', { account: frame.store.me.id })
      if (await attempt(ended, 'Your other sessions have ended.')) drawSessions(list, frame)
    }
    fill(list, sessions.sort((a, b) => b.current - a.current || b.last_seen - a.last_seen).map(session => sessionRow(session, list, frame)),
      sessions.length > 1 && el('li', {}, button({ text: 'End all others', press: endOthers })))
  } catch (error) {
    fill(list, el('li', { class: 'empty', text: error.message }))
  }
}

function sessionRow({ id, door, address, client, app_password, created_at, last_seen, current }, list, frame) {
  const end = async () => { if (await attempt(() => frame.house.ask('revoke_session', { session: id }), 'That session has ended.')) drawSessions(list, frame) }
  return el('li', { class: 'sanction' },
    el('div', {}, el('p', {}, `${door}${address ? ` from ${address}` : ''}`, current && el('span', { class: 'tag', text: 'this one' })),
      (client || app_password) && el('p', { class: 'muted' }, el('bdi', { text: [client, app_password && `app password ${app_password}`].filter(Boolean).join(', ') })),
      el('p', { class: 'muted', text: `since ${shortTimeOf(created_at)}, last seen ${shortTimeOf(last_seen)}` })),
    current ? button({ text: 'Log out', press: () => logOut(frame.house) }) : button({ text: 'End', label: `End the session at ${door} of ${shortTimeOf(created_at)}`, press: end }))
}

/** Servers of before don't tell. */
async function drawUsage(line, { house }) {
  try {
    const { files, bytes, quota } = await house.ask('usage')
    const of = quota === undefined ? '' : `, of ${sizeOf(quota)}`
    line.textContent = files === 0 ? 'You keep no files and no apps here.' : `Your ${count(files, 'file')} and apps take ${sizeOf(bytes)}${of}.`
    line.hidden = false
  } catch { /* It stays away. */ }
}

async function exportData(pressed, store) {
  pressed.disabled = true
  try {
    const response = await fetch(new URL('api/export', document.baseURI), { headers: bearer(), cache: 'no-store' })
    if (!response.ok) throw refusal(response.status, await response.text(), name => response.headers.get(name))
    save(await response.blob(), `titan-${store.me.username}.ndjson`)
    notice('Your data is saved.')
  } catch (error) {
    complain(error instanceof TypeError ? new Error('The connection broke. Try again.') : error)
  } finally {
    pressed.disabled = false
  }
}

function deleteAccount({ house, store }) {
  return form({
    title: 'Delete my account',
    text: `This cannot be taken back. To be sure, type your username, ${store.me.username}, and your password.`,
    fields: [
      { name: 'username', label: 'Username', required: true, autocomplete: 'off' },
      { name: 'password', label: 'Password', type: 'password', required: true, autocomplete: 'current-password' },
    ],
    action: 'Delete for good',
    danger: true,
    async submit({ username, password }) {
      if (username !== store.me.username) throw new Error('That is not your username. Nothing was deleted.')
      await house.ask('delete_account', { password })
      house.gone('Your account is deleted.')
      return true
    },
  })
}
