declare module 'ofd.js' {
  interface OfdDocument { pages?: unknown[] }
  export function parseOfdDocument(o: { ofd: ArrayBuffer | File | string; success: (docs: OfdDocument[]) => void; fail: (e: unknown) => void }): void
  export function renderOfd(screenWidth: number, doc: OfdDocument): HTMLElement[]
}
