// Runs the built binary on a fresh data folder for the browser tests, and removes the folder when it is told to stop.
import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const port = Number(process.argv[2] ?? 18080)
const data = mkdtempSync(join(tmpdir(), 'onedoor-e2e-'))
chmodSync(data, 0o711) // the database runs as another user when we are root
const server = spawn(process.env.ONEDOOR_BIN ?? '../bin/onedoor', [
  'serve', '--demo-city', '--data', data, '--listen', `127.0.0.1:${port}`,
  '--admin-listen', `127.0.0.1:${port + 1}`, '--public-url', `http://127.0.0.1:${port}`, '--log-level', 'warn',
], { stdio: 'inherit' })
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => server.kill('SIGTERM'))
server.on('exit', code => {
  rmSync(data, { recursive: true, force: true })
  process.exit(code ?? 1)
})
