// Files go across, between browsers and the terminal client, and arrive as they were sent.

import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { World } from './support.js'

const world = new World()
const bytes = randomBytes(3_000_000)
const hash = of => createHash('sha256').update(of).digest('hex')
let ada, bob, tess

before(async () => {
  await world.start()
  ;[ada, bob] = await Promise.all([world.person('ada', { admin: true }), world.person('bob')])
  tess = world.terminal('tess')
  await tess.register()
  await tess.run(['dm', 'ada', 'A conversation of another kind'])
})
after(() => world.end())

async function saved(person, act) {
  const [download] = await Promise.all([person.page.waitForEvent('download'), act()])
  return { name: download.suggestedFilename(), hash: hash(await readFile(await download.path())) }
}

const transfers = person => person.page.getByRole('region', { name: 'Files on their way' })

test('a file from one browser arrives in another and in the terminal, byte by byte', async () => {
  await ada.sendsFile('noise.bin', bytes)
  await transfers(ada).getByText('sent').waitFor()
  const row = bob.message('noise.bin')
  await row.waitFor()
  const got = await saved(bob, () => row.getByRole('button', { name: 'Download noise.bin' }).click())
  assert.deepEqual(got, { name: 'noise.bin', hash: hash(bytes) })
  await transfers(bob).getByText('saved, its SHA-256 agrees').waitFor()
  const listed = JSON.parse((await tess.run(['tail', '#general', '--json'])).trim().split('\n').at(-1))
  const file = (listed.entry ?? listed).file
  assert.equal(file.sha256, hash(bytes))
  await tess.run(['get', String(file.id), '--output', join(world.folder, 'got.bin')])
  assert.equal(hash(await readFile(join(world.folder, 'got.bin'))), hash(bytes))
})

test('a file from the terminal arrives on the page', async () => {
  const path = join(world.folder, 'from-terminal.txt')
  await writeFile(path, 'Written in a terminal.\n')
  await tess.run(['put', path, '#general'])
  const got = await saved(ada, async () => ada.message('from-terminal.txt').getByRole('button', { name: /^Download/ }).click())
  assert.deepEqual(got, { name: 'from-terminal.txt', hash: hash('Written in a terminal.\n') })
})

test('files that are dropped and pasted wait with a caption until they are sent, and can be taken back', async () => {
  const give = (event, name, base64) => ada.page.evaluate(([event, name, base64]) => {
    const file = new File([Uint8Array.from(atob(base64), letter => letter.charCodeAt())], name, { type: name.endsWith('gif') ? 'image/gif' : '' })
    const carried = new DataTransfer()
    carried.items.add(file)
    const target = document.querySelector('.composer textarea')
    if (event === 'paste') target.dispatchEvent(new ClipboardEvent('paste', { clipboardData: carried, bubbles: true, cancelable: true }))
    else for (const type of ['dragenter', 'dragover', 'drop']) target.dispatchEvent(new DragEvent(type, { dataTransfer: carried, bubbles: true, cancelable: true }))
  }, [event, name, base64])
  await give('drop', 'dropped.txt', '')
  await give('paste', 'unwanted.txt', '')
  await ada.page.getByRole('button', { name: 'Do not send unwanted.txt' }).click()
  await ada.says('what I dropped')
  await bob.message('dropped.txt').getByText('0 B').waitFor()
  await bob.message('dropped.txt').getByText('what I dropped').waitFor()
  await give('paste', 'pasted.gif', 'R0lGODlhAQABAIAAAP8AAP///yH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==')
  await ada.page.locator('.staged img').waitFor()
  await ada.opens(/tess/)
  await ada.opens('general')
  await ada.page.locator('.staged img').waitFor()
  await ada.page.getByRole('button', { name: 'Send', exact: true }).click()
  const picture = bob.page.getByRole('img', { name: 'pasted.gif' })
  await picture.waitFor()
  assert.match(await picture.getAttribute('src'), /^blob:/)
  assert.equal(await bob.message('unwanted.txt').count(), 0)
})

test('an upload that breaks goes on where it was, and one that is stopped is given up', async () => {
  let broken = 0
  await ada.page.route('**/api/uploads/*', route => {
    if (route.request().method() !== 'PATCH' || broken++ > 0) return route.continue()
    return route.abort('connectionreset')
  })
  ada.expect(/ERR_CONNECTION_RESET/)
  await ada.sendsFile('broken.bin', bytes)
  await bob.message('broken.bin').waitFor()
  assert.equal(broken, 2)
  await ada.page.unroute('**/api/uploads/*')

  await ada.page.route('**/api/uploads/*', route => route.request().method() === 'PATCH' ? undefined : route.continue())
  await ada.sendsFile('stopped.bin', bytes)
  const given = ada.page.waitForRequest(request => request.method() === 'DELETE' && request.url().includes('/api/uploads/'))
  await transfers(ada).getByText('0 B of').waitFor()
  await ada.page.getByRole('button', { name: 'Stop stopped.bin' }).click()
  await given
  await ada.page.unrouteAll({ behavior: 'ignoreErrors' })
  await ada.says('after that')
  await bob.sees('after that')
  assert.equal(await bob.message('stopped.bin').count(), 0)
})

test('what does not have the hash that was told is not saved', async () => {
  bob.expect(/./)
  await bob.page.route('**/api/files/*', async route => {
    const response = await route.fetch()
    const body = await response.body()
    body[5] ^= 1
    await route.fulfill({ response, body })
  })
  await bob.message('noise.bin').getByRole('button', { name: 'Download noise.bin' }).click()
  await transfers(bob).getByText('its SHA-256 is another').waitFor()
  await bob.page.unrouteAll({ behavior: 'ignoreErrors' })
  const got = await saved(bob, () => transfers(bob).getByRole('button', { name: 'Try again' }).click())
  assert.equal(got.hash, hash(bytes))
})

test('an app is uploaded, decided on by an admin, and downloaded', async () => {
  await bob.page.getByRole('link', { name: 'Repository' }).click()
  await bob.page.getByRole('button', { name: 'Upload an app' }).click()
  const form = bob.dialog('Upload an app')
  await form.getByLabel('File').setInputFiles({ name: 'tetris.zip', mimeType: 'application/zip', buffer: bytes.subarray(0, 5_000) })
  await form.getByLabel('Name').fill('Tetris')
  await form.getByLabel('Category').selectOption('game')
  await form.getByLabel('Description').fill('Blocks.')
  await form.getByRole('button', { name: 'Upload' }).click()
  await bob.page.getByText('Tetris is uploaded and waits').first().waitFor()

  await ada.page.getByRole('link', { name: 'Repository' }).click()
  await ada.page.getByRole('tab', { name: /To decide/ }).click()
  await ada.page.getByRole('button', { name: 'Reject Tetris' }).click()
  await ada.dialog('Reject Tetris?').getByLabel('Reason').fill('Too many blocks.')
  await ada.dialog('Reject Tetris?').getByRole('button', { name: 'Reject' }).click()
  await bob.page.getByRole('tab', { name: 'Mine, rejected' }).click()
  await bob.page.getByText('Rejected: Too many blocks.').waitFor()
  await ada.page.getByRole('tab', { name: 'Rejected' }).click()
  await ada.page.getByRole('button', { name: 'Approve Tetris' }).click()

  await bob.page.getByRole('tab', { name: 'Approved' }).click()
  await bob.page.getByLabel('Category').selectOption('game')
  await bob.page.getByLabel('Search apps').fill('tetr')
  const button = bob.page.getByRole('button', { name: /Download Tetris/ })
  await button.waitFor()
  const got = await saved(bob, () => button.click())
  assert.deepEqual(got, { name: 'tetris.zip', hash: hash(bytes.subarray(0, 5_000)) })
  await bob.page.getByText('1 download').waitFor()
  await ada.page.getByRole('tab', { name: 'Approved' }).click()
  await ada.page.getByRole('button', { name: 'Delete Tetris' }).click()
  await ada.dialog('Delete Tetris?').getByRole('button', { name: 'Delete' }).click()
  await bob.page.getByText('Nothing fits').waitFor()
})

test('no page complained', () => {
  ada.isContent()
})
