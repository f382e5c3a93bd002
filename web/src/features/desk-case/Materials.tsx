import { useState } from 'react'
import { Button } from 'antd'
import { files, type Case, type CaseMaterial, type DraftFile } from '@/api'
import { fileSize, StatusTag } from '@/ui'
import { FileView } from '@/ui/desk/FileView'
import { LongText } from '@/ui/desk/LongText'
import type { Act } from './act'

interface Props {
  c: Case
  act: Act
  busy: boolean
}

/** The material one by one: look at it, then say whether it is right. */
export function Materials({ c, act, busy }: Props) {
  const mayCheck = c.can.includes('check-material')
  const [open, setOpen] = useState<string | undefined>(() => first(c)?.id)
  const toCheck = c.materials.filter((m) => m.files.length > 0)
  const checked = toCheck.filter((m) => m.result !== '').length

  const check = async (m: CaseMaterial, result: 'ok' | 'wrong', note: string) => {
    const failed = await act('check-material', { material: m.code, result, note }, c.version)
    // On to the next paper that nobody has looked at.
    if (!failed) setOpen((now) => (now === undefined || m.files.some((f) => f.id === now) ? (first(c, m.code)?.id ?? now) : now))
    return failed
  }
  return (
    <section className="desk-panel" aria-labelledby="materials">
      <h2 id="materials">申请材料{toCheck.length > 0 && <span className="desk-quiet">　已核对 {checked} / {toCheck.length}</span>}</h2>
      {c.supplement && <p className="desk-effect">{c.state === 'supplement_requested' ? '已一次告知，等待申请人补正。' : '申请人已按告知书补正。'}{c.supplement.note}</p>}
      {c.materials.length === 0 && <p className="desk-quiet">本事项不需要提交材料。</p>}
      {c.materials.map((m) => <Material key={m.code} m={m} mayCheck={mayCheck && m.files.length > 0} busy={busy} check={(result, note) => check(m, result, note)} open={open} setOpen={setOpen} />)}
    </section>
  )
}

/** What counts of a material: the file of the last round, not what it replaced. */
const newest = (m?: CaseMaterial): DraftFile | undefined => m?.files.find((f) => f.round === lastRound(m))
const lastRound = (m: CaseMaterial) => Math.max(...m.files.map((f) => f.round))

/** The file to look at first of what still has to be looked at, besides that of `done`. */
const first = (c: Case, done?: string): DraftFile | undefined =>
  newest(c.materials.find((m) => m.code !== done && m.result === '' && m.files.length > 0) ?? (done ? undefined : c.materials.find((m) => m.files.length > 0)))

function verdict(m: CaseMaterial) {
  if (m.result === 'ok') return <StatusTag tone="good">✓ 合格</StatusTag>
  if (m.result === 'wrong') return <StatusTag tone="bad">✗ 有问题</StatusTag>
  if (m.status === 'waived') return <StatusTag tone="quiet">免提交</StatusTag>
  if (m.files.length === 0) return <StatusTag tone={m.required ? 'todo' : 'quiet'}>未提交</StatusTag>
  return <StatusTag tone="quiet">未核对</StatusTag>
}

interface MaterialProps {
  m: CaseMaterial
  mayCheck: boolean
  busy: boolean
  check: (result: 'ok' | 'wrong', note: string) => Promise<string | undefined>
  open?: string
  setOpen: (id?: string) => void
}

function Material({ m, mayCheck, busy, check, open, setOpen }: MaterialProps) {
  const [note, setNote] = useState<string>()
  const [failed, setFailed] = useState<string>()
  const shown = m.files.find((f) => f.id === open)
  const say = async (result: 'ok' | 'wrong', words: string) => {
    const wrong = await check(result, words)
    setFailed(wrong)
    if (!wrong) setNote(undefined)
  }
  return (
    <article className={shown ? 'desk-material open' : 'desk-material'} aria-label={m.name}>
      <header><span>{m.name}{m.required ? '' : <span className="desk-quiet">（选交）</span>}</span>{verdict(m)}</header>
      {m.note && note === undefined && <p className="desk-problem">{m.note}</p>}
      <ul className="desk-files">
        {m.files.map((f) => (
          <li key={f.id}>
            <button type="button" className="desk-file" aria-pressed={open === f.id} onClick={() => setOpen(open === f.id ? undefined : f.id)}>{f.name}</button>
            <span className="desk-quiet">{fileSize(f.size)}</span>
            {f.round > 0 ? <StatusTag tone="going">补正</StatusTag> : lastRound(m) > 0 && <StatusTag tone="quiet">原来的</StatusTag>}
          </li>
        ))}
      </ul>
      {failed && <p className="desk-problem" role="alert">{failed}</p>}
      {mayCheck && note === undefined && (
        <div className="desk-verdict">
          <Button size="small" onClick={() => void say('ok', '')} disabled={busy || m.result === 'ok'} aria-label={`${m.name}：合格`}>合格</Button>
          <Button size="small" onClick={() => setNote(m.note ?? '')} disabled={busy} aria-label={`${m.name}：有问题`}>有问题</Button>
        </div>
      )}
      {note !== undefined && (
        <div>
          <LongText label={`${m.name}有什么问题`} autoFocus placeholder="写明哪里不符合、应当怎样改，申请人会看到。" value={note} onChange={setNote} max={500} rows={2} />
          <div className="desk-verdict">
            <Button size="small" type="primary" disabled={note.trim().length < 2} loading={busy} onClick={() => void say('wrong', note.trim())}>记下问题</Button>
            <Button size="small" onClick={() => setNote(undefined)}>取消</Button>
          </div>
        </div>
      )}
      {shown && <FileView key={shown.id} file={{ name: shown.name, href: files.href(shown.id), contentType: shown.content_type, size: shown.size }} />}
    </article>
  )
}
