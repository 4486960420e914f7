// SHA-256 of bytes as they come (FIPS 180-4). The browser's own wants everything in memory at once, and is missing where
// the page comes over plain HTTP from another machine; what is downloaded is checked there as well.

const K = new Uint32Array(64)
const FIRST = new Uint32Array(8)

/** The constants are the fractions of cube and square roots of the first primes. */
{
  const fraction = root => Math.floor((root - Math.floor(root)) * 2 ** 32)
  let found = 0
  for (let n = 2; found < 64; n++) {
    let prime = true
    for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false
    if (!prime) continue
    if (found < 8) FIRST[found] = fraction(Math.sqrt(n))
    K[found++] = fraction(Math.cbrt(n))
  }
}

export class Sha256 {
  constructor() {
    this.state = FIRST.slice()
    this.block = new Uint8Array(64)
    this.words = new Uint32Array(64)
    this.filled = 0
    this.length = 0
  }

  update(bytes) {
    this.length += bytes.length
    let at = 0
    while (at < bytes.length) {
      const taken = Math.min(64 - this.filled, bytes.length - at)
      this.block.set(bytes.subarray(at, at + taken), this.filled)
      this.filled += taken
      at += taken
      if (this.filled === 64) this.mix()
    }
    return this
  }

  /** 64 hexadecimal digits. Nothing more can be added then. */
  digest() {
    const bits = this.length * 8
    this.block[this.filled++] = 0x80
    if (this.filled > 56) {
      this.block.fill(0, this.filled)
      this.mix()
    }
    this.block.fill(0, this.filled)
    const view = new DataView(this.block.buffer)
    view.setUint32(56, Math.floor(bits / 2 ** 32))
    view.setUint32(60, bits >>> 0)
    this.mix()
    return Array.from(this.state, word => word.toString(16).padStart(8, '0')).join('')
  }

  mix() {
    const { words: w, state } = this
    const view = new DataView(this.block.buffer)
    for (let t = 0; t < 16; t++) w[t] = view.getUint32(t * 4)
    for (let t = 16; t < 64; t++) {
      const x = w[t - 15], y = w[t - 2]
      const s0 = (x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ (x >>> 3)
      const s1 = (y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ (y >>> 10)
      w[t] = w[t - 16] + s0 + w[t - 7] + s1
    }
    let [a, b, c, d, e, f, g, h] = state
    for (let t = 0; t < 64; t++) {
      const s1 = (e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)
      const one = (h + s1 + (e & f ^ ~e & g) + K[t] + w[t]) | 0
      const s0 = (a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)
      const two = (s0 + (a & b ^ a & c ^ b & c)) | 0
      h = g; g = f; f = e; e = (d + one) | 0
      d = c; c = b; b = a; a = (one + two) | 0
    }
    for (const [at, word] of [a, b, c, d, e, f, g, h].entries()) state[at] += word
    this.filled = 0
  }
}
