import type { Draft, FormData_, FormDefinition } from '@/api'
import { atMinute, Dialog } from '@/ui'
import { getAt, sectionsOf } from '@/ui/form'
import { wordsOf } from '@/ui/form/model'

interface Props {
  def: FormDefinition
  mine: FormData_
  theirs: Draft
  onChoose: (choice: 'mine' | 'theirs') => void
}

/** Two versions of one draft: what differs, side by side, and the person's choice. Nothing is lost before it. */
export function ConflictDialog({ def, mine, theirs, onChoose }: Props) {
  const fields = new Map([...sectionsOf(def, mine), ...sectionsOf(def, theirs.form)].flatMap((s) => s.fields).map((f) => [f.path, f]))
  const differing = [...fields.values()]
    .map((f) => ({ ...f, mine: wordsOf(f.schema, getAt(mine, f.path)), theirs: wordsOf(f.schema, getAt(theirs.form, f.path)) }))
    .filter((f) => f.mine !== f.theirs)
  return (
    <Dialog title="这份草稿在另一处也改过" onClose={() => undefined}>
      <p>另一个页面或另一台设备在{atMinute(theirs.updated_at)}保存过。请选择保留哪一份：</p>
      <div className="conflict">
        <table>
          <thead><tr><th scope="col">栏目</th><th scope="col">这里</th><th scope="col">另一处</th></tr></thead>
          <tbody>
            {differing.map((f) => <tr key={f.path}><th scope="row">{f.label}</th><td>{f.mine || '（空）'}</td><td>{f.theirs || '（空）'}</td></tr>)}
            {differing.length === 0 && <tr><td colSpan={3}>两份内容看上去相同。</td></tr>}
          </tbody>
        </table>
      </div>
      <p className="row">
        <button type="button" className="btn main" onClick={() => onChoose('mine')}>保留这里的</button>
        <button type="button" className="btn" onClick={() => onChoose('theirs')}>改用另一处的</button>
      </p>
    </Dialog>
  )
}
