import { useState } from 'react'
import { ApiError, files as fileApi, type DraftFile, type FormData_, type FormDefinition, type Item, type ItemMaterial, type Problem } from '@/api'
import { ErrorBox, fileSize, Note } from '@/ui'
import { checkForm, FormView, relevant } from '@/ui/form'
import type { DraftSaver } from './draftSaver'
import { missing } from './materials'
import { submit } from './submission'
import type { StepId } from './Wizard'

interface Props {
  item: Item
  def: FormDefinition
  form: FormData_
  materials: ItemMaterial[]
  files: DraftFile[]
  saver: DraftSaver
  draftId: string
  onEdit: (step: StepId) => void
  onFieldErrors: (fields: NonNullable<Problem['fields']>) => void
  onDone: (caseNo: string) => void
}

/** Everything once more, before the promise (行政许可法 Art 31: the applicant answers for the truth of the material). */
export function ConfirmStep({ item, def, form, materials, files, saver, draftId, onEdit, onFieldErrors, onDone }: Props) {
  const [promised, setPromised] = useState(false)
  const [nudge, setNudge] = useState(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const wrong = Object.keys(checkForm(def, relevant(def, form))).length
  const lacking = missing(materials, files)
  const ready = wrong === 0 && lacking.length === 0

  const send = async () => {
    if (!promised) {
      setNudge(true)
      document.getElementById('promise')?.focus()
      return
    }
    setBusy(true)
    setError(undefined)
    try {
      if (!(await saver.flush())) {
        const s = saver.current()
        throw s.kind === 'failed' ? s.error : new ApiError({ status: 0, code: 'client.unsaved', detail: '表单还没有保存到服务器，所以没有提交。请检查网络后再试。' })
      }
      onDone((await submit(draftId)).case_no)
    } catch (e) {
      setBusy(false)
      const fields = e instanceof ApiError ? e.problem.fields?.filter((f) => f.path.includes('/form')) : undefined
      if (fields && fields.length > 0) onFieldErrors(fields)
      else setError(e)
    }
  }

  return (
    <>
      {!ready && (
        <Note tone="warn">
          {wrong > 0 && <p>申请表还有 {wrong} 处需要修改，<a href="?step=form" onClick={(e) => { e.preventDefault(); onEdit('form') }}>去修改</a>。</p>}
          {lacking.length > 0 && <p>还有 {lacking.length} 项必要材料没有上传，<a href="?step=materials" onClick={(e) => { e.preventDefault(); onEdit('materials') }}>去上传</a>。</p>}
        </Note>
      )}
      <section className="card">
        <div className="section-head"><h2>申请表</h2><button type="button" className="btn plain" onClick={() => onEdit('form')}>修改<span className="off">申请表</span></button></div>
        <FormView def={def} value={form} />
      </section>
      <section className="card">
        <div className="section-head"><h2>材料</h2><button type="button" className="btn plain" onClick={() => onEdit('materials')}>修改<span className="off">材料</span></button></div>
        <dl className="kv">
          {materials.map((m) => {
            const own = files.filter((f) => f.material === m.code)
            return (
              <div key={m.code}>
                <dt>{m.name}</dt>
                <dd>
                  {m.waived ? '免提交' : own.length === 0 ? <span className="soft">没有上传</span> : (
                    <ul>{own.map((f) => <li key={f.id}><a href={fileApi.href(f.id)} target="_blank" rel="noreferrer">{f.name}</a>（{fileSize(f.size)}）</li>)}</ul>
                  )}
                </dd>
              </div>
            )
          })}
        </dl>
      </section>
      <section className={nudge && !promised ? 'card field wrong' : 'card'}>
        <label className="choice">
          <input id="promise" type="checkbox" checked={promised} onChange={(e) => setPromised(e.target.checked)} aria-describedby={nudge && !promised ? 'promise-error' : undefined} aria-invalid={nudge && !promised ? true : undefined} />
          <span>我承诺：所填内容和所交材料真实、有效，愿意承担隐瞒情况或者提供虚假材料的法律责任。</span>
        </label>
        {nudge && !promised && <p className="field-error" id="promise-error">请先勾选承诺，再提交申请。</p>}
      </section>
      {error !== undefined && <ErrorBox error={error} safe="申请内容都还在。可以再点一次“提交申请”，同一份申请不会重复提交。" />}
      <p className="hint">提交后由{item.org_name}办理，进度在“我的办件”查看；作出决定之前可以撤回。</p>
      <div className="step-actions">
        <button type="button" className="btn main" disabled={busy || !ready} aria-busy={busy} onClick={() => void send()}>{busy ? '正在提交……' : '提交申请'}</button>
        <button type="button" className="btn" disabled={busy} onClick={() => onEdit('materials')}>上一步</button>
      </div>
    </>
  )
}
