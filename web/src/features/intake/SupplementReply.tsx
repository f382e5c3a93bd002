import { useState } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { ApiError, cases, explain, files as fileApi, type Case, type DraftFile } from '@/api'
import { atMinute, ErrorBox, Field, FileUpload, Note } from '@/ui'
import { fileRuleWords } from '@/ui/fileRules'

/** The reply to a supplement request: everything asked for stands here at once (Art 32(4)), each with its own place for files. */
export function SupplementReply({ c }: { c: Case }) {
  const queries = useQueryClient()
  const [files, setFiles] = useState<DraftFile[]>([])
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const [lacking, setLacking] = useState(false)
  const items = c.supplement?.items ?? []
  const already = c.materials.reduce((n, m) => n + m.files.length, 0)

  const send = async () => {
    if (files.length === 0 && note.trim() === '') {
      setLacking(true)
      return
    }
    setBusy(true)
    setError(undefined)
    try {
      const now = await cases.supplement(c.case_no, { files: files.map((f) => ({ material: f.material, file_id: f.id })), note: note.trim(), version: c.version })
      queries.setQueryData(['case', c.case_no], now)
      void queries.invalidateQueries({ queryKey: ['cases'] })
    } catch (e) {
      setError(e)
      // Somebody moved the case meanwhile: show it as it is; what was typed stays.
      if (e instanceof ApiError && e.status === 409) void queries.invalidateQueries({ queryKey: ['case', c.case_no] })
    } finally {
      setBusy(false)
    }
  }

  return (
    <section className="card supplement" aria-labelledby="supplement">
      <h2 id="supplement">请补正以下内容</h2>
      {c.supplement && <p className="soft small">{atMinute(c.supplement.at)}告知。补齐后一次提交，即重新进入受理。</p>}
      {c.supplement?.note && <Note><p>{c.supplement.note}</p></Note>}
      <p className="hint" id="supplement-rules">{fileRuleWords}</p>
      <ol className="materials">
        {items.map((it, i) => (
          <li key={`${it.material}-${i}`} className="supplement-item">
            <h3>{it.name || it.material}</h3>
            <p>{it.what}</p>
            {it.material !== 'form' && (
              <FileUpload
                name={it.name || it.material} files={files.filter((f) => f.material === it.material)} total={already + files.length}
                path={(name) => cases.uploadPath(c.case_no, it.material, name)}
                onAdded={(f) => {
                  setLacking(false)
                  setFiles((all) => [...all, f])
                }}
                onRemove={(f) => fileApi.remove(f.id).then(() => setFiles((all) => all.filter((x) => x.id !== f.id)), (e: unknown) => setError(e instanceof Error ? e : explain(e)))}
                describedBy="supplement-rules"
              />
            )}
          </li>
        ))}
      </ol>
      <Field
        label="补正说明" hint="需要更正申请表内容的，请在这里写明正确内容。"
        {...(lacking ? { error: '请上传补正的材料，或者写明补正情况。' } : {})}
      >
        {(a) => <textarea {...a} className="input" rows={3} maxLength={1000} value={note} onChange={(e) => setNote(e.target.value)} />}
      </Field>
      {error !== undefined && <ErrorBox error={error} safe="已上传的文件和说明都还在。" />}
      <p className="row case-next"><button type="button" className="btn main" disabled={busy} onClick={() => void send()}>{busy ? '正在提交……' : '提交补正'}</button></p>
    </section>
  )
}
