// Coming in: with a second factor and app passwords, by the link of a letter, and out again from elsewhere.

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, test } from 'node:test'
import { PASSWORD, World } from './support.js'

const world = new World()
before(() => world.start())
after(() => world.end())

/** What an app for codes shows (RFC 6238), of now or of a step beside it. */
function codeOf(base32, beside = 0) {
  const bits = [...base32].map(letter => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const secret = Buffer.from(bits.match(/.{8}/g).map(byte => parseInt(byte, 2)))
  const step = Buffer.alloc(8)
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + beside))
  const mac = createHmac('sha1', secret).update(step).digest()
  return String((mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

const account = async person => {
  await person.page.evaluate(() => { location.hash = '#/account' })
  await person.page.getByRole('heading', { level: 2, name: 'Second factor' }).waitFor()
}

test('a second factor is set up by a code to scan, and asked for from then on', async () => {
  const ada = await world.person('ada')
  const { page } = ada
  await account(ada)
  await page.getByRole('button', { name: 'Set up a second factor' }).click()
  const setUp = ada.dialog('Set up a second factor')
  const secret = await setUp.locator('.secret').innerText()
  const drawn = await setUp.locator('svg.qr-code').boundingBox()
  assert.ok(drawn.width > 150 && Math.abs(drawn.width - drawn.height) < 2, JSON.stringify(drawn))
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/factor.png` })
  await setUp.getByLabel('Code').fill('000000')
  await setUp.getByRole('button', { name: 'Set it up' }).click()
  await setUp.getByRole('alert').getByText('not right').waitFor()
  await setUp.getByLabel('Code').fill(codeOf(secret, -1))
  await setUp.getByRole('button', { name: 'Set it up' }).click()
  await ada.dialog('Your recovery codes').waitFor()
  const codes = await ada.dialog('Your recovery codes').locator('code').allInnerTexts()
  assert.equal(codes.length, 10)
  await ada.dialog('Your recovery codes').getByRole('button', { name: 'I have kept it' }).click()
  await page.getByText('10 recovery codes are left').waitFor()

  const again = await world.visitor()
  again.username = 'ada again'
  await again.page.getByLabel('Username').fill('ada')
  await again.page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await again.page.getByRole('button', { name: 'Log in' }).click()
  await again.page.getByRole('heading', { name: 'Your second factor' }).waitFor()
  if (process.env.PICTURES) await again.page.screenshot({ path: `${process.env.PICTURES}/code.png` })
  await again.page.getByLabel('Code').fill(codes[0])
  await again.page.getByRole('button', { name: 'Log in' }).click()
  await again.field.waitFor()
  for (const one of [ada, again]) one.isContent()
})

test('an app password is shown once, listed with its last use, and ends what it opened', async () => {
  const bob = await world.person('bob')
  const { page } = bob
  await account(bob)
  await page.getByRole('button', { name: 'Make an app password' }).click()
  await bob.dialog('Make an app password').getByLabel('What it is for').fill('bot on desk')
  await bob.dialog('Make an app password').getByRole('button', { name: 'Make it' }).click()
  const password = await bob.dialog('bot on desk').locator('code').innerText()
  assert.match(password, /^([a-z2-9]{5}-){4}[a-z2-9]{5}$/)
  await bob.dialog('bot on desk').getByRole('button', { name: 'I have kept it' }).click()
  await page.getByText('never used').waitFor()

  const bot = world.terminal('bob')
  await bot.run(['login', 'bob'], `${password}\n`)
  await bot.sends('general', 'from the bot')
  await page.reload()
  await account(bob)
  await page.getByText(/last used .* at native/).waitFor()
  await page.getByText('app password bot on desk').waitFor()
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/account.png`, fullPage: true })
  await page.getByRole('button', { name: 'Remove the app password bot on desk' }).click()
  await bob.dialog('Remove the app password bot on desk?').getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('button', { name: 'Remove the app password bot on desk' }).waitFor({ state: 'detached' })
  await assert.rejects(bot.sends('general', 'once more'))
  bob.isContent()
})

test('an admin ends the sessions of somebody who is shown the door', async () => {
  const eve = await world.person('eve')
  const boss = await world.person('boss', { admin: true })
  await boss.page.evaluate(() => { location.hash = '#/house' })
  await boss.page.getByRole('tab', { name: 'Accounts' }).click()
  await boss.chooses(boss.page.getByRole('button', { name: 'Actions for eve' }), 'Where they are logged in')
  const sessions = boss.page.getByRole('dialog')
  await sessions.getByText(/page in Chrome/).waitFor()
  if (process.env.PICTURES) await boss.page.screenshot({ path: `${process.env.PICTURES}/sessions.png` })
  await sessions.getByRole('button', { name: 'End all of them' }).click()
  await eve.page.getByRole('heading', { name: 'Log in' }).waitFor()
})

test('a link with its token behind the # keeps it from servers and from the history, and sets a password', async () => {
  await world.terminal('dan').register()
  await world.terminal('dan').run(['account', 'profile', '--mail', 'dan@example.org'], `${PASSWORD}\n`)
  await world.terminal('dan').run(['account', 'forgot', 'dan'])
  const hash = `#${new URL(await world.letter('dan')).pathname}`
  assert.match(hash, /^#\/reset\/[\w-]{43}$/)
  const dan = await world.visitor({ ignoreHTTPSErrors: true })
  dan.username = 'dan'
  const asked = []
  dan.page.on('request', request => asked.push(request.url()))
  await dan.page.goto(`${world.site}${hash}`)
  await dan.page.getByLabel('New password').fill('a word of my own')
  assert.equal(dan.page.url(), world.site)
  assert.equal(await dan.page.getByLabel('Code of the letter').isVisible(), false)
  await dan.page.getByRole('button', { name: 'Change password' }).click()
  await dan.page.getByText('Password succesfully changed').waitFor()
  assert.ok(asked.length > 0 && asked.every(url => !url.includes(hash.split('/').at(-1))), asked.join('\n'))
  dan.isContent()
})

test('the page takes such a link, too', async () => {
  await world.terminal('fay').register()
  await world.terminal('fay').run(['account', 'profile', '--mail', 'fay@example.org'], `${PASSWORD}\n`)
  await world.terminal('fay').run(['account', 'forgot', 'fay'])
  const hash = `#${new URL(await world.letter('fay')).pathname}`
  const fay = await world.visitor()
  fay.username = 'fay'
  await fay.page.goto('about:blank')
  await fay.page.goto(world.url + hash)
  assert.equal(await fay.page.getByLabel('Link or code from the letter').inputValue(), hash.split('/').at(-1))
  assert.equal(fay.page.url(), world.url)
  await fay.page.getByRole('textbox', { name: 'New password' }).fill('a word of my own')
  await fay.page.getByRole('button', { name: 'Set the password' }).click()
  await fay.page.getByText('Your password is set').waitFor()
  fay.isContent()
})
