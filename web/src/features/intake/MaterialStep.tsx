import { useState } from 'react'
import { explain, files as fileApi, type DraftFile, type ItemMaterial } from '@/api'
import { FileUpload, Note, StatusTag } from '@/ui'
import { fileRuleWords } from '@/ui/fileRules'
import { missing } from './materials'

interface Props {
  draftId: string
  materials: ItemMaterial[]
  files: DraftFile[]
  onFiles: (change: (f: DraftFile[]) => DraftFile[]) => void
  onNext: () => void
  onBack: () => void
}

const formWords: Record<string, string> = { electronic: '电子件', paper: '纸质件', either: '纸质或电子件' }
const kindWords: Record<string, string> = { original: '原件', copy: '复印件', either: '原件或复印件' }

/** Each material with its own place. What the authorities can look up themselves is not asked for. */
export function MaterialStep({ draftId, materials, files, onFiles, onNext, onBack }: Props) {
  const [asked, setAsked] = useState(false)
  const [failure, setFailure] = useState<string>()
  const lacking = missing(materials, files)

  const remove = (f: DraftFile) => {
    setFailure(undefined)
    fileApi.remove(f.id).then(
      () => onFiles((all) => all.filter((x) => x.id !== f.id)),
      (e: unknown) => setFailure(explain(e)),
    )
  }
  const next = () => {
    setAsked(true)
    if (lacking.length === 0) onNext()
    else requestAnimationFrame(() => document.getElementById('lacking')?.focus())
  }
  return (
    <>
      {asked && lacking.length > 0 && (
        <div className="notice bad" role="alert" tabIndex={-1} id="lacking">
          <p><strong>还有 {lacking.length} 项必要材料没有上传</strong></p>
          <ul>{lacking.map((m) => <li key={m.code}><a href={`#m-${m.code}`}>{m.name}</a></li>)}</ul>
        </div>
      )}
      {failure && <Note tone="bad"><p>{failure}</p></Note>}
      <p className="hint" id="file-rules">{fileRuleWords}</p>
      {materials.length === 0 && <Note><p>这件事不需要另外提交材料，请直接进入下一步。</p></Note>}
      <ol className="materials">
        {materials.map((m) => (
          <li key={m.code} id={`m-${m.code}`} className="card" tabIndex={-1}>
            <div className="section-head">
              <h3>{m.name}</h3>
              <StatusTag tone={m.waived ? 'good' : m.required ? (lacking.includes(m) ? 'todo' : 'good') : 'quiet'}>
                {m.waived ? '免提交' : m.required ? (lacking.includes(m) ? '待上传' : '已上传') : '选填'}
              </StatusTag>
            </div>
            {m.waived ? (
              <p className="hint">{m.waived_by || '由系统核验'}，您不用上传。</p>
            ) : (
              <>
                <p className="hint">{[kindWords[m.kind], formWords[m.form], m.source && `来源：${m.source}`, m.note].filter(Boolean).join('；')}</p>
                <FileUpload
                  name={m.name} files={files.filter((f) => f.material === m.code)} total={files.length}
                  path={(name) => fileApi.uploadPath(draftId, m.code, name)} href={(f) => fileApi.href(f.id)}
                  onAdded={(f) => onFiles((all) => [...all, f])} onRemove={remove} describedBy="file-rules"
                />
              </>
            )}
          </li>
        ))}
      </ol>
      <div className="step-actions">
        <button type="button" className="btn main" onClick={next}>下一步：核对</button>
        <button type="button" className="btn" onClick={onBack}>上一步</button>
      </div>
    </>
  )
}
