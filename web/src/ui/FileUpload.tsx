import { useId, useRef, useState } from 'react'
import { explain, upload, type DraftFile, type Upload } from '@/api'
import { fileRules, refuseFile } from './fileRules'
import { fileSize } from './time'

interface Props {
  /** Names the material for the ear: “上传营业执照”. */
  name: string
  files: DraftFile[]
  /** How many files the application has in all. */
  total: number
  path: (fileName: string) => string
  href?: (file: DraftFile) => string
  onAdded: (file: DraftFile) => void
  onRemove?: (file: DraftFile) => void
  describedBy?: string
}

interface Going {
  key: number
  name: string
  percent: number
  error?: string
  file: File
  upload?: Upload
}

let nextKey = 0

/** Choose or photograph files, watch each go up, see what arrived, take it back. */
export function FileUpload({ name, files, total, path, href, onAdded, onRemove, describedBy }: Props) {
  const [going, setGoing] = useState<Going[]>([])
  const [refused, setRefused] = useState<string[]>([])
  const input = useRef<HTMLInputElement>(null)
  const id = useId()

  const change = (key: number, to: Partial<Going>) => setGoing((g) => g.map((x) => (x.key === key ? { ...x, ...to } : x)))
  const drop = (key: number) => setGoing((g) => g.filter((x) => x.key !== key))

  const start = (file: File, key = nextKey++) => {
    const u = upload(path(file.name), file, (percent) => change(key, { percent }))
    setGoing((g) => [...g.filter((x) => x.key !== key), { key, name: file.name, percent: 0, file, upload: u }])
    u.done.then(
      (f) => {
        drop(key)
        onAdded(f)
      },
      (e: unknown) => {
        if (e instanceof DOMException) drop(key)
        else change(key, { error: explain(e) })
      },
    )
  }

  const choose = (chosen: FileList | null) => {
    const words: string[] = []
    let count = total + going.length
    for (const file of chosen ?? []) {
      const why = refuseFile(file, count)
      if (why) words.push(why)
      else {
        count++
        start(file)
      }
    }
    setRefused(words)
    if (input.current) input.current.value = ''
  }

  return (
    <div className="upload">
      <ul className="files">
        {files.map((f) => (
          <li key={f.id}>
            <span className="file-name">{href ? <a href={href(f)} target="_blank" rel="noreferrer">{f.name}</a> : f.name}</span>
            <span className="small soft">{fileSize(f.size)}，已上传</span>
            {onRemove && (
              <button type="button" className="btn plain" onClick={() => onRemove(f)} aria-label={`删除 ${f.name}`}>删除</button>
            )}
          </li>
        ))}
        {going.map((g) => (
          <li key={g.key}>
            <span className="file-name">{g.name}</span>
            {g.error ? (
              <>
                <span className="field-error" role="alert">{g.error}</span>
                <span className="row">
                  <button type="button" className="btn plain" onClick={() => start(g.file, g.key)}>重新上传</button>
                  <button type="button" className="btn plain" onClick={() => drop(g.key)} aria-label={`移除 ${g.name}`}>移除</button>
                </span>
              </>
            ) : (
              <>
                <progress max={100} value={g.percent} aria-label={`${g.name} 上传进度`} />
                <span className="small soft">{g.percent < 100 ? `已传 ${g.percent}%` : '正在检查文件……'}</span>
                <button type="button" className="btn plain" onClick={() => g.upload?.cancel()} aria-label={`取消上传 ${g.name}`}>取消</button>
              </>
            )}
          </li>
        ))}
      </ul>
      <p className="off" role="status">{going.length > 0 ? `正在上传 ${going.length} 个文件` : files.length > 0 ? `${name}已上传 ${files.length} 个文件` : ''}</p>
      {refused.map((why) => <p key={why} className="field-error" role="alert">{why}</p>)}
      <input
        ref={input} id={id} type="file" multiple className="off"
        accept={fileRules.extensions.map((e) => `.${e}`).join(',')}
        aria-describedby={describedBy} onChange={(e) => choose(e.target.files)}
      />
      <label htmlFor={id} className="btn">{files.length > 0 ? '继续添加' : '选择文件'}<span className="off">：{name}</span></label>
    </div>
  )
}
