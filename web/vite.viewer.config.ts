import { defineConfig } from 'vite'

// The OFD viewer lives in a sandboxed frame of opaque origin. A module script would need CORS
// there, so it is one classic script, built apart, and it is loaded only when a licence is opened.
export default defineConfig({
  publicDir: false,
  build: {
    outDir: 'dist',
    emptyOutDir: false,
    target: 'es2022',
    chunkSizeWarningLimit: 1200,
    lib: {
      entry: 'viewer/viewer.ts',
      formats: ['iife'],
      name: 'OnedoorOfdViewer',
      fileName: () => 'assets/ofd-viewer.js',
    },
  },
})
