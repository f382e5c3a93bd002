import { offlineError, toApiError } from './problem'

/** Files and pictures: what openapi-fetch has no type for. */
async function get(path: string): Promise<Response> {
  let r: Response
  try {
    r = await fetch(path)
  } catch {
    throw offlineError()
  }
  if (!r.ok) throw toApiError(r.status, await r.json().catch(() => null))
  return r
}

export async function bytes(path: string): Promise<ArrayBuffer> {
  return (await get(path)).arrayBuffer()
}

export interface Qr {
  picture: Blob
  code: string
  expires: string
}

export async function fetchQr(path: string): Promise<Qr> {
  const r = await get(path)
  return {
    picture: await r.blob(),
    code: r.headers.get('X-Presentation-Code') ?? '',
    expires: r.headers.get('X-Presentation-Expires') ?? '',
  }
}
