// The world the page is tried in: a real server on a folder of its own, a real Chromium, people with a page each, and the real
// terminal client. Everything waits for conditions under a deadline; nothing sleeps.

import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'

export const DEADLINE = 40_000
export const PASSWORD = 'correct horse battery'
const WIDE = { width: 1280, height: 800 }
export const PHONE = { width: 360, height: 740 }
const { TITAN_SERVER, TITAN, CHROMIUM = '/usr/bin/chromium' } = process.env

export class World {
  constructor() { this.port = 0 }

  /** Starts a server and a browser. */
  async start() {
    this.folder = await mkdtemp(join(tmpdir(), 'titan-page-'))
    await Promise.all([this.serve(), this.browse()])
  }

  async serve() {
    const settings = ['serve', '--data-dir', join(this.folder, 'data'), '--http', `127.0.0.1:${this.port}`, '--titan-net', 'off', '--limits', 'off', '--reset-url', 'https://chat.example.org', '--reset-site', '127.0.0.1:0']
    this.server = spawn(TITAN_SERVER, settings, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.log = []
    createInterface({ input: this.server.stderr }).on('line', line => this.log.push(line))
    for await (const line of createInterface({ input: this.server.stdout })) {
      const [word, door, address] = line.split(/\s+/)
      if (door === 'http') this.port = Number(address.split(':').at(-1))
      if (door === 'reset-site') this.site = `https://127.0.0.1:${address.split(':').at(-1)}/`
      if (word === 'ready') break
    }
    if (!this.port) throw new Error(`the server did not start:\n${this.log.join('\n')}`)
  }

  async browse() {
    this.browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  }

  get url() { return `http://127.0.0.1:${this.port}/` }

  async kill() {
    const gone = once(this.server, 'exit')
    this.server.kill('SIGKILL')
    await gone
  }

  async end() {
    await this.browser?.close()
    if (this.server?.exitCode === null) await this.kill()
    if (this.folder) await rm(this.folder, { recursive: true, force: true })
  }

  /** The link of the letter to somebody: letters that can't be sent lie in the outbox. */
  async letter(username) {
    const outbox = join(this.folder, 'data', 'outbox')
    for (const deadline = Date.now() + DEADLINE; Date.now() < deadline;) {
      const names = await readdir(outbox).catch(() => [])
      const letters = await Promise.all(names.map(name => readFile(join(outbox, name), 'utf8')))
      const link = letters.find(letter => new RegExp(`\\b${username}\\b`).test(letter))?.match(/https:\/\/chat\.example\.org\/reset\/\S+/)
      if (link) return link[0]
      await new Promise(resolve => setTimeout(resolve, 50))
    }
    throw new Error(`no letter was sent to ${username}`)
  }

  /** The operator's verbs, beside the running server. */
  async operator(...words) {
    return promisify(execFile)(TITAN_SERVER, [...words, '--data-dir', join(this.folder, 'data')])
  }

  /** A page of its own, before the entrance. What it complains of is gathered, and must be nothing in the end. */
  async visitor(options = {}) {
    const context = await this.browser.newContext({ viewport: WIDE, reducedMotion: 'reduce', acceptDownloads: true, locale: 'en-GB', timezoneId: 'Europe/Berlin', ...options })
    context.setDefaultTimeout(DEADLINE)
    const page = await context.newPage()
    const visitor = new Person(this, page)
    page.on('console', message => message.type() === 'error' && visitor.hears(message.text()))
    page.on('pageerror', error => visitor.hears(String(error.stack ?? error)))
    await page.addInitScript(() => document.addEventListener('securitypolicyviolation', event => console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`)))
    await page.goto(this.url)
    return visitor
  }

  /** Somebody with an account, logged in on the page. */
  async person(username, options) {
    const person = await this.visitor(options)
    person.username = username
    await person.page.evaluate(async ([username, password]) => {
      const { askOnce } = await import('/page/core/link.js')
      await askOnce('register', { username, password }).catch(error => { if (error.code !== 'name_taken') throw error })
    }, [username, PASSWORD])
    if (options?.admin) await this.operator('admin', 'grant', username)
    await person.logIn()
    return person
  }

  /** The terminal client, by its shell commands. */
  terminal(username) {
    return new Terminal(this, username)
  }
}

export class Person {
  constructor(world, page) {
    Object.assign(this, { world, page, complaints: [], expected: [] })
  }

  /** Lost connections are told by the browser as well; a test that cuts them says so. */
  expect(pattern) { this.expected.push(pattern) }
  hears(text) { if (!this.expected.some(pattern => pattern.test(text))) this.complaints.push(text) }

  async logIn() {
    const { page } = this
    await page.getByLabel('Username').fill(this.username)
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByRole('button', { name: 'Log in' }).click()
    await this.field.waitFor()
  }

  get field() { return this.page.getByRole('textbox', { name: /^Message to/ }) }
  /** The conversation that is open. */
  get here() { return Number(new URL(this.page.url()).hash.split('/')[2]) }
  get sidebar() { return this.page.getByRole('navigation', { name: 'Conversations' }) }
  get timeline() { return this.page.getByRole('region', { name: 'Messages' }) }
  dialog(name) { return this.page.getByRole('dialog', { name }) }
  link(name) { return this.sidebar.getByRole('link', { name }) }

  message(text) { return this.timeline.locator('.line.message').filter({ hasText: text }) }
  async says(text) { await this.field.fill(text); await this.field.press('Enter') }
  async sendsFile(name, buffer, mimeType = 'application/octet-stream') {
    await this.page.getByLabel('Files to send').setInputFiles({ name, mimeType, buffer })
    await this.page.getByRole('button', { name: 'Send', exact: true }).click()
  }
  async sees(text) { await this.message(text).first().waitFor() }
  /** Every message in sight, in order. */
  async texts() { return this.timeline.locator('.line.message .prose').allInnerTexts() }

  async opens(name) {
    await this.link(name).click()
    await this.page.getByRole('heading', { level: 1, name }).waitFor()
  }

  async chooses(button, entry) {
    await button.click()
    await this.page.getByRole('menuitem', { name: entry }).click()
  }

  /** Says many things at once, on a connection of its own. */
  async floods(conversation, texts) {
    await this.page.evaluate(async ([conversation, texts]) => {
      const [{ Link }, { token }] = await Promise.all([import('/page/core/link.js'), import('/page/core/token.js')])
      const nothing = () => {}
      const link = await new Promise((online, refused) => {
        const link = new Link({
          greet: ask => ask('authenticate', { token: token() }), heard: nothing, refused,
          changed: state => state === 'online' && queueMicrotask(() => online(link)),
        })
      })
      await Promise.all(texts.map(text => link.ask('post', { conversation, text })))
      link.close()
    }, [conversation, texts])
  }

  /** Nothing was complained of, by the policy, the console or a script. */
  isContent() { assert.deepEqual(this.complaints, [], `${this.username}'s page complained`) }
}

class Terminal {
  constructor(world, username) {
    Object.assign(this, { world, username })
    this.home = join(world.folder, `terminal-${username}`)
  }

  get arguments() { return ['--server', this.world.url, '--data-dir', this.home] }

  async run(words, input) {
    const running = promisify(execFile)(TITAN, [...words, ...this.arguments])
    running.child.stdin.end(input ?? '')
    return (await running).stdout
  }

  register() { return this.run(['register', this.username], `${PASSWORD}\n`) }
  sends(where, text) { return this.run(['send', where, text]) }

  /** Follows a conversation; `hears(text)` waits for a line. */
  tail(where, after) {
    const child = spawn(TITAN, ['tail', where, '--follow', '--json', ...this.arguments], { stdio: ['ignore', 'pipe', 'inherit'] })
    after(() => child.kill())
    const lines = []
    let woken = () => {}
    createInterface({ input: child.stdout }).on('line', line => { lines.push(line); woken() })
    return {
      lines,
      async hears(text) {
        const deadline = Date.now() + DEADLINE
        while (!lines.some(line => line.includes(text))) {
          if (Date.now() > deadline) throw new Error(`the terminal did not hear ${text}:\n${lines.join('\n')}`)
          await Promise.race([new Promise(resolve => { woken = resolve }), new Promise(resolve => setTimeout(resolve, 200))])
        }
      },
    }
  }
}
