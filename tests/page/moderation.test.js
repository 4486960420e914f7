// Order is kept, in a room and in the whole house; and people are friends, or not.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { PASSWORD, World } from './support.js'

const world = new World()
let ada, bob, eve

before(async () => {
  await world.start()
  ;[ada, bob, eve] = await Promise.all([world.person('ada', { admin: true }), world.person('bob'), world.person('eve')])
})
after(() => world.end())

const member = (person, name) => person.page.getByRole('complementary', { name: 'Members' }).getByRole('button', { name: new RegExp(`line, .*${name}`) })

async function joins(person, room) {
  await person.page.getByRole('link', { name: 'All rooms' }).click()
  await person.page.getByRole('button', { name: `Join ${room}` }).click()
  await person.page.getByRole('heading', { level: 1, name: room }).waitFor()
}

async function fills(dialog, fields, button) {
  for (const [label, value] of Object.entries(fields)) await dialog.getByLabel(label).fill(value)
  await dialog.getByRole('button', { name: button, exact: true }).click()
}

test('a room’s owner makes a moderator, who mutes, unmutes, removes and bans', async () => {
  await bob.page.getByRole('button', { name: 'Make a room' }).click()
  await fills(bob.dialog('Make a room'), { Name: 'Den' }, 'Make the room')
  await joins(eve, 'Den')
  await joins(ada, 'Den')
  await bob.chooses(member(bob, 'ada'), 'Make a moderator')
  await member(bob, 'ada').getByText('moderator').waitFor()

  await ada.chooses(member(ada, 'eve'), 'Mute')
  await fills(ada.dialog('Mute eve?'), { Reason: 'Too loud.' }, 'Mute')
  await eve.page.getByPlaceholder(/You are muted here until/).waitFor()
  assert.ok(await eve.field.isDisabled())
  await ada.chooses(ada.page.getByRole('button', { name: 'About this room' }), 'Muted and banned')
  await ada.dialog('Muted and banned').getByText('Too loud.').waitFor()
  await ada.dialog('Muted and banned').getByRole('button', { name: 'Lift for eve' }).click()
  await ada.dialog('Muted and banned').getByText('Nobody is muted').waitFor()
  await ada.page.keyboard.press('Escape')
  await eve.page.getByPlaceholder('Write a message').waitFor()
  await eve.says('I may write again')
  await bob.sees('I may write again')

  await bob.message('I may write again').hover()
  await bob.chooses(bob.message('I may write again').getByRole('button', { name: 'More' }), 'Delete')
  await bob.dialog('Delete this message?').getByRole('button', { name: 'Delete' }).click()
  await eve.message('This message was deleted.').waitFor()

  await ada.chooses(member(ada, 'eve'), 'Remove from the room')
  await fills(ada.dialog('Remove eve?'), { Reason: 'Cool down.' }, 'Remove')
  await eve.page.getByRole('heading', { level: 1, name: 'general' }).waitFor()
  await bob.page.getByText('eve was removed by ada').waitFor()
  await joins(eve, 'Den')
  await bob.chooses(member(bob, 'eve'), 'Ban from the room')
  await fills(bob.dialog('Ban eve?'), { Reason: 'Enough.' }, 'Ban')
  await eve.page.getByRole('heading', { level: 1, name: 'general' }).waitFor()
  await eve.page.getByRole('link', { name: 'All rooms' }).click()
  await eve.page.getByRole('button', { name: 'Join Den' }).click()
  await eve.page.getByText('You are banned from this room.').first().waitFor()
})

test('a room is changed and deleted, and everybody in it is told', async () => {
  await bob.opens('Den')
  await bob.chooses(bob.page.getByRole('button', { name: 'About this room' }), 'Change the room')
  await fills(bob.dialog('Change the room'), { Name: 'Cave', Description: 'Dark.' }, 'Save')
  await ada.page.getByRole('heading', { level: 1, name: 'Cave' }).waitFor()
  await bob.chooses(bob.page.getByRole('button', { name: 'About this room' }), 'Delete the room')
  await bob.dialog('Delete Cave?').getByRole('button', { name: 'Delete the room' }).click()
  await ada.page.getByRole('heading', { level: 1, name: 'general' }).waitFor()
  await ada.link('Cave').waitFor({ state: 'detached' })
})

test('who leaves a room of their own hands it over', async () => {
  await bob.page.getByRole('button', { name: 'Make a room' }).click()
  await fills(bob.dialog('Make a room'), { Name: 'Loft' }, 'Make the room')
  await joins(eve, 'Loft')
  await member(bob, 'eve').waitFor()
  await bob.chooses(bob.page.getByRole('button', { name: 'About this room' }), 'Leave the room')
  await bob.dialog('Leave Loft?').getByLabel('Who gets the room').selectOption({ label: 'eve' })
  await bob.dialog('Leave Loft?').getByRole('button', { name: 'Hand it over and leave' }).click()
  await bob.page.getByRole('heading', { level: 1, name: 'general' }).waitFor()
  await eve.chooses(eve.page.getByRole('button', { name: 'About this room' }), 'Delete the room')
  await eve.dialog('Delete Loft?').getByRole('button', { name: 'Delete the room' }).click()
  await eve.page.getByRole('heading', { level: 1, name: 'general' }).waitFor()
})

test('two become friends, and one blocks another', async () => {
  await bob.page.getByRole('link', { name: 'People' }).click()
  await bob.chooses(bob.page.getByRole('button', { name: 'More for eve' }), 'Ask to be friends')
  await eve.page.getByRole('link', { name: /People.*1 new/ }).click()
  await eve.page.getByRole('tab', { name: /Requests/ }).click()
  await eve.page.getByRole('button', { name: 'Accept: bob' }).click()
  await bob.page.getByRole('tab', { name: 'Friends' }).click()
  await bob.page.getByRole('button', { name: 'Write to eve' }).click()
  await bob.says('Hello, friend')
  await eve.link(/bob.*1 unread/).click()
  await eve.sees('Hello, friend')
  await eve.chooses(eve.page.getByRole('button', { name: 'About this conversation' }), 'Block')
  await eve.dialog('Block bob?').getByRole('button', { name: 'Block' }).click()
  await eve.page.getByText('bob is blocked.').first().waitFor()
  await eve.page.getByRole('button', { name: '1 message from somebody you blocked. Show' }).click()
  await eve.sees('Hello, friend')
  await bob.says('Are you there?')
  await bob.message('Are you there?').getByText(/Not sent:/).waitFor()
  await bob.message('Are you there?').getByRole('button', { name: 'Discard' }).click()
  await bob.message('Are you there?').waitFor({ state: 'detached' })
})

test('an admin bans an account, which is out at once, and lifts it', async () => {
  await ada.page.getByRole('link', { name: 'Administration' }).click()
  const actions = ada.page.getByRole('button', { name: 'Actions for eve' })
  await ada.chooses(actions, 'Ban')
  await fills(ada.dialog('Ban eve?'), { Reason: 'Spam.' }, 'Ban')
  await eve.page.getByText('You have been banned by an admin.').first().waitFor()
  await eve.page.getByLabel('Username').fill('eve')
  await eve.page.getByLabel('Password').fill(PASSWORD)
  await eve.page.getByRole('button', { name: 'Log in' }).click()
  await eve.page.getByText('You are banned from this server.').waitFor()
  await ada.chooses(actions, 'Lift the ban')
  await ada.page.getByText('eve may come in again.').first().waitFor()
  await eve.page.getByRole('button', { name: 'Log in' }).click()
  await eve.field.waitFor()
})

test('an admin adds and removes accounts, bans addresses, changes the key, and sees what was done', async () => {
  await ada.page.getByRole('button', { name: 'Add an account' }).click()
  await fills(ada.dialog('Add an account'), { Username: 'dora', Password: PASSWORD }, 'Add')
  const actions = ada.page.getByRole('button', { name: 'Actions for dora' })
  await ada.chooses(actions, 'Make an admin')
  await ada.dialog('Make dora an admin?').getByRole('button', { name: 'Make an admin' }).click()
  const role = ada.page.getByRole('listitem').filter({ hasText: 'dora' }).getByText('admin', { exact: true })
  await role.waitFor()
  await ada.chooses(actions, 'Take the admin role away')
  await role.waitFor({ state: 'detached' })
  await ada.chooses(actions, 'Set a new password')
  await fills(ada.dialog('A new password for dora'), { 'New password': 'another one, longer' }, 'Set it')
  await ada.chooses(actions, 'Delete the account')
  await ada.dialog('Delete the account dora?').getByRole('button', { name: 'Delete' }).click()
  await actions.waitFor({ state: 'detached' })

  await ada.page.getByRole('tab', { name: 'Banned addresses' }).click()
  await ada.page.getByRole('button', { name: 'Ban an address' }).click()
  const form = ada.dialog('Ban an address')
  await fills(form, { 'IP address': 'nonsense', Reason: 'Spam.' }, 'Ban')
  await form.getByRole('alert').filter({ hasText: /\S/ }).waitFor()
  await fills(form, { 'IP address': '192.0.2.7' }, 'Ban')
  await ada.page.getByRole('button', { name: 'Lift the ban of 192.0.2.7' }).click()
  await ada.page.getByText('No address is banned.').waitFor()

  await ada.page.getByRole('tab', { name: 'Admin key' }).click()
  await ada.page.getByLabel('New admin key').fill('a-key-that-is-new')
  await ada.page.getByRole('button', { name: 'Change the key' }).click()
  await ada.page.getByText('The admin key is changed.').first().waitFor()
  await ada.page.getByRole('tab', { name: 'Audit log' }).click()
  for (const act of ['ban', 'unban', 'ban address']) await ada.page.getByRole('cell', { name: act, exact: true }).first().waitFor()
  await ada.page.getByRole('cell', { name: 'native from 127.0.0.1', exact: true }).first().waitFor()
  await ada.page.getByText(/^The audit log is whole: \d+ rows/).waitFor()

  const zoe = await world.visitor()
  await zoe.page.getByRole('button', { name: 'Make an account' }).click()
  await zoe.page.getByLabel('Username').fill('zoe')
  await zoe.page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await zoe.page.getByLabel('Password again').fill(PASSWORD)
  await zoe.page.getByLabel('Admin key').fill('a-key-that-is-new')
  await zoe.page.getByRole('button', { name: 'Make the account' }).click()
  await zoe.page.getByRole('link', { name: 'Administration' }).waitFor()
  await zoe.page.close()
})

test('one changes profile and password, ends a session, takes one’s data along, and leaves for good', async () => {
  const other = await world.visitor()
  other.username = 'bob'
  await other.logIn()
  const { page } = bob
  await bob.chooses(page.getByRole('button', { name: 'My account and settings' }), 'My account')
  await page.getByLabel('Full name').fill('Robert')
  await page.getByLabel('Mail address').fill('bob@example.org')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').first().waitFor()
  await page.getByLabel('Your present password').fill(PASSWORD)
  await page.getByLabel('New password', { exact: true }).fill('a new password')
  await page.getByLabel('New password again').fill('a new password')
  await page.getByRole('button', { name: 'Change the password' }).click()
  await page.getByText('Your password is changed.').first().waitFor()
  await other.page.getByRole('heading', { name: 'Log in' }).waitFor()

  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export my data' }).click()])
  assert.equal(download.suggestedFilename(), 'titan-bob.ndjson')
  const lines = (await readFile(await download.path(), 'utf8')).trim().split('\n').map(line => JSON.parse(line))
  assert.ok(lines.length > 2 && JSON.stringify(lines).includes('Hello, friend'))

  await page.getByRole('button', { name: 'Delete my account' }).click()
  const form = bob.dialog('Delete my account')
  await fills(form, { Username: 'bab', Password: 'a new password' }, 'Delete for good')
  await form.getByText('Nothing was deleted.').waitFor()
  await fills(form, { Username: 'bob' }, 'Delete for good')
  await page.getByRole('heading', { name: 'Log in' }).waitFor()
  await page.getByText(/[Yy]our account (was|is) deleted/).first().waitFor()
})

test('a forgotten password is answered alike, whoever asks', async () => {
  const someone = await world.visitor()
  for (const name of ['ada', 'nobody-at-all']) {
    await someone.page.getByRole('button', { name: 'Forgot your password?' }).click()
    await someone.page.getByLabel('Username').fill(name)
    await someone.page.getByRole('button', { name: 'Send the link' }).click()
    await someone.page.getByText('If there is such an account').waitFor()
    await someone.page.getByRole('button', { name: 'Back' }).click()
  }
  someone.isContent()
})

test('a forgotten password is replaced by the link from a letter, once', async () => {
  await eve.page.evaluate(() => { location.hash = '#/account' })
  await eve.page.getByLabel('Mail address').fill('eve@example.org')
  await eve.page.getByRole('button', { name: 'Save' }).click()
  await eve.page.getByText('Saved.').first().waitFor()
  const someone = await world.visitor()
  const { page } = someone
  await page.getByRole('button', { name: 'Forgot your password?' }).click()
  await page.getByLabel('Username').fill('eve')
  await page.getByRole('button', { name: 'Send the link' }).click()
  await page.getByRole('button', { name: 'Paste the link' }).click()
  await page.getByLabel('Link or code from the letter').fill(await world.letter('eve'))
  await page.getByRole('textbox', { name: 'New password' }).fill('remembered this time')
  await page.getByRole('button', { name: 'Set the password' }).click()
  await page.getByText('Your password is set.').waitFor()
  await eve.page.getByRole('heading', { name: 'Log in' }).waitFor()
  await page.getByLabel('Username').fill('eve')
  await page.getByLabel('Password').fill('remembered this time')
  await page.getByRole('button', { name: 'Log in' }).click()
  await someone.field.waitFor()
  someone.isContent()
  await page.close()
})

test('no page complained', () => {
  for (const one of [ada, bob, eve]) one.isContent()
})
