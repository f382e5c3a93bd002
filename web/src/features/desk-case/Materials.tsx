import { useState } from 'react'
import { Button, Input, Tag } from 'antd'
import { files, type Case, type CaseMaterial } from '@/api'
import type { Act } from './CasePage'

/** The material one by one: look at it, then say whether it is right. */
export function Materials({ c, act }: { c: Case; act: Act }) {
  const [open, setOpen] = useState<string>()
  const mayCheck = c.can.includes('check-material')
  const shown = c.materials.flatMap((m) => m.files).find((f) => f.id === open)
  return (
    <section className="desk-panel" aria-labelledby="materials">
      <h2 id="materials">申请材料</h2>
      {c.materials.length === 0 && <p className="desk-quiet">本事项不需要提交材料。</p>}
      {c.materials.map((m) => <Material key={m.code} m={m} mayCheck={mayCheck} act={act} open={open} setOpen={setOpen} />)}
      {shown && (shown.content_type.startsWith('image/')
        ? <img className="desk-viewer" src={files.href(shown.id)} alt={shown.name} />
        : shown.content_type === 'application/pdf'
          ? <iframe className="desk-viewer" src={files.href(shown.id)} title={shown.name} />
          : <p>这种格式不能在页面里查看，请<a href={files.href(shown.id)} download>下载“{shown.name}”</a>。</p>)}
    </section>
  )
}

function Material({ m, mayCheck, act, open, setOpen }: { m: CaseMaterial; mayCheck: boolean; act: Act; open?: string; setOpen: (id?: string) => void }) {
  const [note, setNote] = useState<string>()
  const check = (result: 'ok' | 'wrong', words = '') => act('check-material', { material: m.code, result, note: words })
  return (
    <article className="desk-material" aria-label={m.name}>
      <header>
        <span>{m.name}{m.required ? '' : '（非必需）'}</span>
        {m.result === 'ok' ? <Tag color="success">✓ 合格</Tag> : m.result === 'wrong' ? <Tag color="error">✗ 有问题</Tag> : m.status === 'waived' ? <Tag>免提交</Tag> : m.status === 'missing' ? <Tag color="warning">未提交</Tag> : <Tag>未核对</Tag>}
      </header>
      {m.note && <p className="desk-quiet">问题：{m.note}</p>}
      <div>
        {m.files.map((f) => (
          <div key={f.id}>
            <Button type="link" style={{ padding: 0 }} aria-expanded={open === f.id} onClick={() => setOpen(open === f.id ? undefined : f.id)}>{f.name}</Button>
            <span className="desk-quiet">　{Math.max(1, Math.round(f.size / 1024))} KB{f.round > 0 ? '　补正' : ''}</span>
          </div>
        ))}
      </div>
      {mayCheck && note === undefined && (
        <div className="desk-bar" style={{ margin: '6px 0 0' }}>
          <Button size="small" onClick={() => void check('ok')} disabled={m.result === 'ok'}>合格</Button>
          <Button size="small" onClick={() => setNote(m.note ?? '')}>有问题</Button>
        </div>
      )}
      {note !== undefined && (
        <div style={{ marginTop: 6 }}>
          <Input.TextArea aria-label={`${m.name}有什么问题`} autoFocus placeholder="写明哪里不符合、应当怎样改，申请人会看到。" value={note} onChange={(e) => setNote(e.target.value)} maxLength={500} autoSize={{ minRows: 2 }} />
          <div className="desk-bar" style={{ margin: '6px 0 0' }}>
            <Button size="small" type="primary" disabled={!note.trim()} onClick={() => void check('wrong', note.trim()).then((wrong) => wrong ?? setNote(undefined))}>记下问题</Button>
            <Button size="small" onClick={() => setNote(undefined)}>取消</Button>
          </div>
        </div>
      )}
    </article>
  )
}
