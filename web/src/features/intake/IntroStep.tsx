import type { FormData_, FormDefinition, Item, ItemMaterial, Limit } from '@/api'
import { Note } from '@/ui'
import { fileRuleWords } from '@/ui/fileRules'
import { fieldId, getAt, sectionsOf, setAt } from '@/ui/form'
import { Widget } from '@/ui/form/Widget'
import { applies } from './materials'

interface Props {
  item: Item
  def: FormDefinition
  form: FormData_
  materials: ItemMaterial[]
  onChange: (form: FormData_) => void
  onNext: () => void
}

export const limitWords = (l: Limit | undefined) =>
  !l || !l.unit ? '按规定时限' : l.value === 0 ? '当日办结' : `${l.value} 个${l.unit === 'working' ? '工作日' : '自然日'}`

/** Before one begins: the facts, one's own situation, what to have at hand. */
export function IntroStep({ item, def, form, materials, onChange, onNext }: Props) {
  const scenarios = item.scenarios ?? []
  const asked = new Set(scenarios.map((s) => s.field))
  const fields = sectionsOf(def, form).flatMap((s) => s.fields).filter((f) => asked.has(f.path))
  const advice = scenarios.filter((s) => s.advice && applies(s, form))
  return (
    <>
      <dl className="facts card">
        <div><dt>去几次</dt><dd>{item.visits === 0 ? '一次不用去' : `${item.visits} 次`}</dd></div>
        <div><dt>几天办好</dt><dd>{item.project_type === 'instant' ? '当日办结' : limitWords(item.promised_limit.unit ? item.promised_limit : item.statutory_limit)}</dd></div>
        <div><dt>多少钱</dt><dd>{item.fee || '不收费'}</dd></div>
        <div><dt>办成得到</dt><dd>{item.result_name || '办理结果'}</dd></div>
      </dl>
      {fields.length > 0 && (
        <section className="card" aria-label="您的情形">
          <h2>您是哪种情形</h2>
          {fields.map((f) => (
            <Widget
              key={f.path} id={fieldId(f.path)} schema={f.schema} label={scenarios.find((s) => s.field === f.path)?.question ?? f.label} required={f.required}
              {...(f.widget ? { widget: f.widget } : {})}
              value={getAt(form, f.path)} onChange={(v) => onChange(setAt(form, f.path, v))}
            />
          ))}
          {advice.map((s) => <Note key={s.field + s.value}><p>{s.advice}</p></Note>)}
        </section>
      )}
      {item.conditions?.length > 0 && (
        <section className="card">
          <h2>谁能办</h2>
          <ul className="bullets">{item.conditions.map((c) => <li key={c}>{c}</li>)}</ul>
        </section>
      )}
      <section className="card">
        <h2>请准备好这些材料</h2>
        {materials.length === 0 ? <p>这件事不需要另外提交材料。</p> : (
          <ul className="bullets">
            {materials.map((m) => (
              <li key={m.code}>
                {m.name}
                {m.waived ? <span className="soft">（免提交：{m.waived_by || '由系统核验'}）</span> : m.required ? null : <span className="soft">（选填）</span>}
              </li>
            ))}
          </ul>
        )}
        <p className="hint section-hint">{fileRuleWords}手机拍照也可以，四角完整、文字清楚即可。</p>
      </section>
      <Note><p>填写的内容会自动保存，可以随时离开，下次从“我的空间”接着办。</p></Note>
      <div className="step-actions">
        <button type="button" className="btn main wide" onClick={onNext}>开始填写</button>
      </div>
    </>
  )
}
