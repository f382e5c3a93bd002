import { useMemo } from 'react'
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { desk, forms, type Case, type FormDefinition, type UnmaskedForm } from '@/api'
import { getAt, sectionsOf } from '@/ui/form'
import { Whole } from '@/ui/desk/Unmask'
import { minute } from '@/ui/desk/when'
import { withWhole } from './whole'
import { leftOver, schemaAt, words } from './words'

/** What was applied for, in the order and the words of the form. */
export function FormFacts({ c }: { c: Case }) {
  const form = useQuery({
    queryKey: ['form', c.form_id, c.form_version],
    queryFn: () => forms.get(c.form_id, c.form_version),
    staleTime: Infinity,
  })
  return (
    <section className="desk-panel" aria-labelledby="form">
      <h2 id="form">申请内容</h2>
      <dl className="desk-facts">
        <div><dt>申请人</dt><dd><b>{c.applicant_name}</b>（{c.applicant_kind === 'legal' ? '企业或其他组织' : '个人'}）</dd></div>
        <div><dt>收到时间</dt><dd>{minute(c.submitted_at)}</dd></div>
      </dl>
      {form.error && <p role="alert">表单的栏目名没有读到。<Button size="small" onClick={() => void form.refetch()}>再试一次</Button></p>}
      {form.data && (
        <Whole may={c.can_unmask && c.masked.length > 0} fields={maskedFields(c, form.data)} fetch={(p, fields) => desk.unmaskCase(c.case_no, { ...p, fields })}>
          {(whole: UnmaskedForm | undefined) => <Answers def={form.data} form={withWhole(c.form, whole)} />}
        </Whole>
      )}
    </section>
  )
}

/** What is masked, by the names that the form gives it. */
function maskedFields(c: Case, def: FormDefinition) {
  return c.masked.map((m) => ({ value: m.path, label: schemaAt(def.schema, m.path.split('/').filter((p) => !/^\d+$/.test(p)).join('.')).title ?? '其他填写内容' }))
}

/** All that was handed in: first what the form asks of this applicant, then anything else. */
function Answers({ def, form }: { def: FormDefinition; form: Case['form'] }) {
  const sections = useMemo(() => sectionsOf(def, form), [def, form])
  const others = useMemo(() => leftOver(form, sections.flatMap((s) => s.fields.map((f) => f.path))), [form, sections])
  return (
    <>
      {sections.map((s) => (
        <div key={s.title} className="desk-answers">
          <h3>{s.title}</h3>
          <dl className="desk-facts">
            {s.fields.map((f) => <div key={f.path}><dt>{f.label}</dt><dd>{words(f.schema, def.schema, getAt(form, f.path)) || <span className="desk-quiet">未填写</span>}</dd></div>)}
          </dl>
        </div>
      ))}
      {others.length > 0 && (
        <div className="desk-answers">
          <h3>其他填写内容</h3>
          <dl className="desk-facts">
            {others.map((path) => {
              const schema = schemaAt(def.schema, path)
              return <div key={path}><dt>{schema.title ?? path}</dt><dd>{words(schema, def.schema, getAt(form, path))}</dd></div>
            })}
          </dl>
        </div>
      )}
    </>
  )
}
