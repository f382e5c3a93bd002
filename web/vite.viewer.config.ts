import { defineConfig, type Plugin } from 'vite'

/** The frame's document, naming the script by its hash: files under /assets/ are kept by browsers for a year. */
function viewerPage(): Plugin {
  return {
    name: 'onedoor-viewer-page',
    generateBundle(_, bundle) {
      const script = Object.values(bundle).find((f) => f.type === 'chunk' && f.isEntry)
      if (!script) this.error('the viewer has no entry')
      this.emitFile({
        type: 'asset',
        fileName: 'ofd-viewer.html',
        source: `<!doctype html>
<html lang="zh-CN">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>证照版式文件</title>
    <link rel="icon" href="data:," />
    <style>
      html, body { margin: 0; background: transparent; overflow: hidden; }
      #pages > div { margin-inline: auto !important; max-width: 100%; }
    </style>
  </head>
  <body>
    <main id="pages" aria-label="证照版式文件内容"></main>
    <script src="/${script.fileName}" defer></script>
  </body>
</html>
`,
      })
    },
  }
}

// The OFD viewer lives in a sandboxed frame of opaque origin. A module script would need CORS
// there, so it is one classic script, built apart, and it is loaded only when a licence is opened.
export default defineConfig({
  publicDir: false,
  plugins: [viewerPage()],
  build: {
    outDir: 'dist',
    emptyOutDir: false,
    target: 'es2022',
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      input: { 'ofd-viewer': 'viewer/viewer.ts' },
      output: { format: 'iife', name: 'OnedoorOfdViewer', entryFileNames: 'assets/[name]-[hash].js' },
      // ofd.js reaches for eval only to find the global object, behind a try; the frame's policy forbids it.
      onLog(level, log, handler) {
        if (log.code !== 'EVAL') handler(level, log)
      },
    },
  },
})
