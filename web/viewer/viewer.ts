import { parseOfdDocument, renderOfd } from 'ofd.js'

// Runs inside a frame with sandbox="allow-scripts": no origin, no cookie, no way out. The page that
// holds the frame hands the file over and is told how high it became or that it could not be read.

interface Order {
  type: 'render'
  file: ArrayBuffer
  width: number
}

const holder = document.getElementById('pages')!
const tell = (message: object) => parent.postMessage(message, '*')

addEventListener('message', (e: MessageEvent<Order>) => {
  if (e.source !== parent || e.data?.type !== 'render') return
  try {
    parseOfdDocument({
      ofd: e.data.file,
      success(docs) {
        try {
          const pages = docs.flatMap((d) => renderOfd(e.data.width, d))
          holder.replaceChildren(...pages)
          tell({ type: 'rendered', pages: pages.length, height: document.documentElement.scrollHeight })
        } catch (error) {
          tell({ type: 'failed', reason: String(error) })
        }
      },
      fail: (error) => tell({ type: 'failed', reason: String(error) }),
    })
  } catch (error) {
    tell({ type: 'failed', reason: String(error) })
  }
})

tell({ type: 'ready' })
