import { createRequire } from 'node:module'
import { expect, type Browser, type Frame, type Page } from '@playwright/test'
import jsQR from 'jsqr'

const web = createRequire(new URL('../../web/package.json', import.meta.url))
const ofdjs = web.resolve('ofd.js')

/** What ofd.js, a reader that is not ours, finds out about the seal of a file. */
interface Seal { verified: boolean; digest: boolean }

/**
 * Opens a file in ofd.js on an empty page, as any other reader would: `verified` is the signature over
 * the digests, `digest` whether the parts of the package still have them.
 */
export async function readSeal(browser: Browser, file: Buffer): Promise<Seal> {
  const context = await browser.newContext()
  const page = await context.newPage()
  try {
    await page.evaluate(() => { Object.assign(window, { global: window }) })
    await page.addScriptTag({ path: ofdjs })
    return await page.evaluate(async base64 => {
      const w = window as never as {
        ofd: {
          parseOfdDocument: (o: { ofd: File; success: (d: unknown[]) => void; fail: (e: unknown) => void }) => void
          renderOfd: (width: number, doc: unknown) => HTMLElement[]
          digestCheck: (parts: unknown) => boolean
        }
        toBeChecked: Map<string, unknown>
      }
      const bytes = Uint8Array.from(atob(base64), c => c.charCodeAt(0))
      const docs = await new Promise<unknown[]>((success, fail) =>
        w.ofd.parseOfdDocument({ ofd: new File([bytes], 'licence.ofd'), success, fail }))
      document.body.append(...w.ofd.renderOfd(900, docs[0]))
      const seal = document.querySelector<HTMLElement>('[name=seal_img_div]')
      const info = JSON.parse(seal?.dataset.signedInfo ?? '{}') as { VerifyRet?: boolean; signatureID?: string }
      const checked = [...w.toBeChecked.values()]
      return { verified: info.VerifyRet === true, digest: checked.length > 0 && checked.every(parts => w.ofd.digestCheck(parts) === true) }
    }, file.toString('base64'))
  } finally {
    await context.close()
  }
}

interface Zip {
  loadAsync: (file: Buffer) => Promise<Zip>
  file: ((name: RegExp) => { name: string; async: (kind: 'string') => Promise<string> }[]) & ((name: string, text: string) => void)
  generateAsync: (o: { type: 'nodebuffer' }) => Promise<Buffer>
}

/** A forger's copy: a word on the page is another, and the package is put together again without a fault. */
export async function forge(file: Buffer, word: string, other: string): Promise<Buffer> {
  const zip = await (web('jszip') as Zip).loadAsync(file)
  for (const part of zip.file(/Content\.xml$/)) {
    const text = await part.async('string')
    if (!text.includes(word)) continue
    zip.file(part.name, text.replace(word, other))
    return zip.generateAsync({ type: 'nodebuffer' })
  }
  throw new Error(`no page says ${word}`)
}

/** The frame in which the licence is drawn, when it is drawn. */
export async function paperIn(page: Page): Promise<Frame> {
  const holder = page.locator('iframe[title$="版式文件"]')
  await expect(holder).toHaveAttribute('data-state', 'rendered')
  const frame = await (await holder.elementHandle())?.contentFrame()
  if (!frame) throw new Error('the licence has no frame')
  return frame
}

/** Reads a QR code off the screen, as a phone's camera would. */
export async function scan(page: Page, picture: string): Promise<string> {
  const png = await page.getByRole('img', { name: picture }).screenshot()
  const pixels = await page.evaluate(async base64 => {
    const image = new Image()
    image.src = `data:image/png;base64,${base64}`
    await image.decode()
    const canvas = new OffscreenCanvas(image.width, image.height)
    const pen = canvas.getContext('2d')!
    pen.drawImage(image, 0, 0)
    return { width: image.width, height: image.height, data: [...pen.getImageData(0, 0, image.width, image.height).data] }
  }, png.toString('base64'))
  const code = jsQR(Uint8ClampedArray.from(pixels.data), pixels.width, pixels.height)
  if (!code) throw new Error('the QR code cannot be read')
  return code.data
}

/** A PDF of one empty page: small, whole, and no reader complains about it. */
export function pdf(): Buffer {
  const parts = ['1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n', '2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n', '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n']
  let text = '%PDF-1.4\n'
  const at = parts.map(part => {
    const here = text.length
    text += part
    return here
  })
  const xref = text.length
  text += `xref\n0 4\n0000000000 65535 f \n${at.map(n => `${String(n).padStart(10, '0')} 00000 n \n`).join('')}trailer<</Size 4/Root 1 0 R>>\nstartxref\n${xref}\n%%EOF\n`
  return Buffer.from(text, 'latin1')
}

/** A Windows program under the name of a paper. */
export const program = Buffer.concat([Buffer.from('MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00', 'latin1'), Buffer.alloc(512)])
