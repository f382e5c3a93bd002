// Puts a .gz beside every text file of the build, so that the server never compresses at run time,
// and restores dist/.keep, which lets `go build` embed the folder before the first web build.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const dist = new URL('../dist/', import.meta.url)
writeFileSync(new URL('.keep', dist), '')
let total = 0
for (const entry of readdirSync(dist, { recursive: true })) {
  const name = String(entry)
  const file = new URL(name, dist)
  if (!/\.(html|js|css|svg|json)$/.test(name) || !statSync(file).isFile()) continue
  const packed = gzipSync(readFileSync(file), { level: 9 })
  writeFileSync(new URL(`${name}.gz`, dist), packed)
  total += packed.length
}
console.log(`precompressed: ${(total / 1024).toFixed(0)} kB gz in all`)
