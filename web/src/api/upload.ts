import { offlineError, toApiError } from './problem'
import type { DraftFile } from './types'

export interface Upload {
  done: Promise<DraftFile>
  cancel: () => void
}

/** Sends a file as the raw body. XMLHttpRequest, because fetch cannot say how far an upload is. */
export function upload(path: string, file: File, onProgress: (percent: number) => void): Upload {
  const xhr = new XMLHttpRequest()
  const done = new Promise<DraftFile>((resolve, reject) => {
    xhr.upload.onprogress = (e) => {
      if (e.lengthComputable) onProgress(Math.round((e.loaded / e.total) * 100))
    }
    xhr.onload = () => {
      let body: unknown = null
      try {
        body = JSON.parse(xhr.responseText)
      } catch {
        // The words for the status stand in for a body that is no problem document.
      }
      if (xhr.status >= 200 && xhr.status < 300 && body !== null) resolve(body as DraftFile)
      else reject(toApiError(xhr.status, body))
    }
    xhr.onerror = () => reject(offlineError())
    xhr.ontimeout = () => reject(offlineError())
    xhr.onabort = () => reject(new DOMException('已取消', 'AbortError'))
  })
  xhr.open('POST', path)
  xhr.setRequestHeader('Content-Type', file.type || 'application/octet-stream')
  xhr.setRequestHeader('Accept', 'application/json')
  xhr.send(file)
  return { done, cancel: () => xhr.abort() }
}
